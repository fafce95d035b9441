"""Seamline's library: from a source tree to the plan that takes it apart."""

__version__ = "0.1.0"
