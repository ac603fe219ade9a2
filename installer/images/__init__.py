"""Container images that the installer builds, and the files that they are built from."""
