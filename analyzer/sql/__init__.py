"""What one SQL statement reads, writes, joins, locks and defines."""
