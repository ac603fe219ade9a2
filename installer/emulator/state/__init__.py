"""The state of the emulator: one SQLite file."""
