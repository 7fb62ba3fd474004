"""Wires the house together: settings, the pipeline and the command line."""
