"""Text to less text, one module a compressor."""
