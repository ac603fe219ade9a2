"""The offline kit: one archive from which the installer is set up without a network, with its bill of materials."""
