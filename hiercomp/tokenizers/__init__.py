"""Text to token count, one module a tokenizer."""
