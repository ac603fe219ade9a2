"""What goes wrong in an embedded Azure on request: the catalogue of faults, and when each one strikes."""
