"""What is kept between runs: documents, vectors, summaries and token counts."""
