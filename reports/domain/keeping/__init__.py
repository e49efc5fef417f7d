"""How long a tip is kept, what is deleted, and what the town is told of that."""
