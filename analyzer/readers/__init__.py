"""Language readers: from a snapshot to facts."""
