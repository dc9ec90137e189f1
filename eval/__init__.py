"""Measurements of hiercomp; not part of the installed package."""
