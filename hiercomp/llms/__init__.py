"""Readers, one module a kind of model."""
