"""Partitioner: from the factor graph to services, at a known distance from the optimum."""
