"""Runbooks of an installation, for those who operate it without the installer: pure text, as Markdown and HTML."""
