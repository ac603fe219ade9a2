"""Support bundle: a shareable record of a run without secrets, optionally pseudonymised, and its replay."""
