"""The allocation of a budget: the renderings of nodes, the best cut of the tree, and the hard ceiling."""
