"""Who may do what in the embedded Azure: tokens, the tenant's directory, role assignments and their effect."""
