"""Everything that happens to a run. `executing` loads the analyzer; `asking` does without."""
