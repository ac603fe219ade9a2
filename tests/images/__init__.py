"""The wheel and install.sh."""
