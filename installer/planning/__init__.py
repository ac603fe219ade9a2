"""Plan of a run: everything that it would change, in Azure and beside it, with a digest that binds it. Read-only."""
