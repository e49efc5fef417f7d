"""Where rows are kept: the second disk, the list of deletions, roles and threads of the database, and losing it."""
