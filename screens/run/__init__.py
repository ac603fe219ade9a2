"""Screens that show a run: live page, details, retry, leaving, the last page; and the apps that attach and replay."""
