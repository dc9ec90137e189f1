"""The cache between runs: documents, vectors, summaries and token counts."""
