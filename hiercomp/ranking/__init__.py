"""The probability that a passage or a sentence is evidence for a question."""
