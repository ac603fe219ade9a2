"""Promotion of the images of one environment to another, and the way back."""
