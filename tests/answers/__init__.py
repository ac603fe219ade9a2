"""Answers files, the model behind them, and the draft that becomes them."""
