"""Programs that run as one-time jobs inside the network: how settings carry them there, and the lines that they write."""
