"""The shape of the code itself: import rules, circles, lazy imports, data files, words."""
