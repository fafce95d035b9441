"""The one document, and its views."""
