"""Pages, charts, exports and the API over finished reports."""
