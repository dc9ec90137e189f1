"""Scripts that are measured in their own process. Each prints one JSON object."""
