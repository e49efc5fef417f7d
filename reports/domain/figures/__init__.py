"""The town's figures: counting, and suppression of small numbers."""
