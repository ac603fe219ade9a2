"""The pages of the wizard, a file for each: reading a file is reading its page."""
