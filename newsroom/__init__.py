"""The newsroom: stories, and the appeals that tips answer."""
