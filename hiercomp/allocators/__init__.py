"""Ways to spend a budget, one module an allocator."""
