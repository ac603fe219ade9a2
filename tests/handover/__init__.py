"""Files for teams that deploy without the installer."""
