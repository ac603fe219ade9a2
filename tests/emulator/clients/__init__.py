"""Third-party Azure clients against the emulator."""
