"""Text to unit vectors, one module an encoder."""
