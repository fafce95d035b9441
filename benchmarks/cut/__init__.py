"""How near the optimum the partitioner comes, and how fast, beside its stock peers."""
