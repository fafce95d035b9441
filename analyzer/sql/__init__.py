"""SQL text read for what it does to tables; knows nothing of the language it stands in."""
