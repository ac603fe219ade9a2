"""What each resource provider knows: refusals, the members only it can fill in, and how long it takes."""
