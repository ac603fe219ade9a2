"""Events, the runner and the journal."""
