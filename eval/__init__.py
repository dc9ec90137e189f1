"""Measurements of hiercomp. They are not part of the installed package."""
