"""Ready replies to start from, which senders read."""
