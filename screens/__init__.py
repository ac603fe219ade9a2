"""The Textual app of the installer, a file per page."""
