"""The only room that imports prefect: what the child process does. Nothing outside `installer.prefect_setup.__main__` imports it."""
