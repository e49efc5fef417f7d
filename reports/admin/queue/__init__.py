"""The list of tips, acts on several at once, and the search."""
