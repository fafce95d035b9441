"""Analysis runs: queued, claimed, carried out, reconciled."""
