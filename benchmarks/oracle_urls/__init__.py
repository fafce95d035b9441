"""Compares the HTTP routes that Seamline reads with those that Django resolves.

Run `python -m benchmarks.oracle_urls [NAME …]`; it writes benchmarks/ORACLE_URLS.md.
"""
