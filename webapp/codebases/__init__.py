"""Projects and the sources people bring: uploads and repositories, kept as snapshots."""
