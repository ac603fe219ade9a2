"""An embedded Azure for rehearsals and tests, started as a process and imported by no other room.

Only what the installer, its templates and the command line clients call is emulated, with Azure's own status codes and error
texts. A behaviour enters when it is documented or was observed in Azure; facts belong in data files. The package may import
`arm_templates` and the ground modules, nothing of the installer above them and no Azure SDK. See README.md.
"""
