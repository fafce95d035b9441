"""Views of the report, one format a file."""
