"""The embedded Azure: an ARM endpoint on loopback that evaluates compiled templates."""
