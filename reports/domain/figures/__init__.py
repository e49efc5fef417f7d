"""The public figures: counting, and suppression of small numbers."""
