"""The emulator: its engine against a manual clock, its protocol through the real SDKs."""
