"""What the commands do, each in a few lines over the session; cli.py only declares them."""
