"""Pages of the wizard, one file each."""
