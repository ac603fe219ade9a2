"""What the admin decided: the typed model, its file, its schema, and the draft that is being typed."""
