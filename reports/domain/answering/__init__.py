"""What the sender and the town learn: messages, the mailbox, outcomes."""
