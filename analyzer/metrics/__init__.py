"""Metrics of a decomposition, one paper a file; each number says whose definition it follows."""
