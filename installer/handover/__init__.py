"""Files with which other teams work on an installation without the installer: parameter files for az."""
