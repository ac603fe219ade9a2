"""Resource providers of the embedded Azure."""
