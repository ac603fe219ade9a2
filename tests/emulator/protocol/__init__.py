"""The HTTP protocol of the embedded Azure."""
