"""How a deployment runs: acceptance, order, time, nesting, resumption, and its ARM shape."""
