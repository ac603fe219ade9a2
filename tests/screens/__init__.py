"""The screens, driven by key presses over a session that needs no Azure, no process and no clock."""
