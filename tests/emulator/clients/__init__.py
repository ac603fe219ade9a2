"""Third-party clients of Azure against the emulator."""
