"""The HTTP protocol of ARM: routes, sign-in, long-running operations and the error envelope."""
