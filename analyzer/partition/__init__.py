"""Partitioner: from the factor graph to service candidates, at a known distance from the optimum."""
