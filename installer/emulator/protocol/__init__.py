"""What the server speaks: HTTP, sign-in, long-running operations and the error envelope."""
