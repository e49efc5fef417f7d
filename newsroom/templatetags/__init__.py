"""Template tags of pages for residents."""
