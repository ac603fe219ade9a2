"""The embedded Azure: its engine against a clock of our own, its protocol through the real SDKs."""
