"""How long hiercomp takes, and how much memory, beside the tools that people use for the same."""
