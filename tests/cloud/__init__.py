"""What enters the program from a cloud."""
