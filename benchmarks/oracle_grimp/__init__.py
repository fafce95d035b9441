"""Compares the import edges that Seamline reads with those of grimp, on the corpus.

Run `python -m benchmarks.oracle_grimp [NAME …]`; it writes benchmarks/ORACLE_GRIMP.md.
"""
