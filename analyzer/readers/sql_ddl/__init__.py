"""Schema files in SQL."""
