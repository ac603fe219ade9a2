"""Rights: the actions that the plan needs, what the account holds at each scope, and a custom role of exactly these actions."""
