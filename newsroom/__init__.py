"""The newsroom: articles, and the appeals that tips answer."""
