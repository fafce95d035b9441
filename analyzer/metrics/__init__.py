"""Quality of a partition, one published definition a function."""
