"""hiercomp fits any long input into any token budget and answers from it."""

__version__ = "0.1.0"
