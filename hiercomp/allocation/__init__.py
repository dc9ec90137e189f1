"""What a budget is spent on: priced renderings, the best cut of the tree, the hard ceiling."""
