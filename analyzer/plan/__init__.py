"""What follows from a partition: the migration plan, free of any technology."""
