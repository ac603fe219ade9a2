"""The record of a run that can be given away, and how it is shown again: what is in it, without secrets, on request without names."""
