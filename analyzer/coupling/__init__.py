"""Coupling graph: from facts to factors, each one reason for nodes to stay together."""
