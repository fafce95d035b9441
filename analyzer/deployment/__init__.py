"""Deployment artefacts: from the plan to files."""
