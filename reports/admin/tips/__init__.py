"""A tip: its page, its forms, its buttons and the pages about it."""
