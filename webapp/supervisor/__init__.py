"""Starts everything that an installation consists of, and keeps it running."""
