"""Stage results by the digest of what they were made from."""
