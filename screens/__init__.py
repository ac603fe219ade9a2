"""What the admin sees: the Textual app, a file per page, over the session of the installer."""
