"""The only room that imports prefect: what the child process does. Nothing outside `installer.flows.__main__` imports it."""
