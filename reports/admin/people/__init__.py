"""Members: accounts, joining, keys, signing in, and proving again who one is."""
