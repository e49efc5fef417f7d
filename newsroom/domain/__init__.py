"""What the newsroom does, as verbs."""
