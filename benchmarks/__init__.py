"""Benchmarks: the seconds and the memory of hiercomp and of similar tools."""
