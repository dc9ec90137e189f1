"""Lists of texts and chat conversations within one token budget."""
