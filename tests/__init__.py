"""The tests of the FlowForge Installer."""
