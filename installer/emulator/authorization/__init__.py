"""Identity and access in the emulator: tokens, the tenant's directory, the effect of role assignments."""
