"""What a reader wrote: its marks, its claims, and whether the cited pages support them."""
