"""What the pages of the team area share: the lock, what is typed, buttons, lists, Undo, events in words."""
