"""A loader, an encoder and an allocator for hiercomp, found through the entry points in pyproject.toml."""
