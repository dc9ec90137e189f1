"""A loader, an encoder and an allocator for hiercomp. The entry points in pyproject.toml name them."""
