"""Codemods that carry out one step of the roadmap."""
