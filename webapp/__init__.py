"""The web application: five rooms, one direction.

Imports go from reports to review, analyses, codebases and accounts, never back.
"""
