"""FlowForge Installer for Azure: everything that is not a screen."""
