"""Keeps pytest's root here, away from any configuration further up."""
