"""Source intake: anything a person can point at becomes an immutable snapshot."""
