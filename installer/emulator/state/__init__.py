"""What the embedded Azure remembers: one SQLite file."""
