"""Everything that brings code in. `snapshots` loads the analyzer; `projects` does without."""
