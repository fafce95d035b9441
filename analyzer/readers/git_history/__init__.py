"""Reads the version history that a snapshot came with."""
