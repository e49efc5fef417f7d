"""Rules about text: entities that tips can be matched by, and words that could show who sent one."""
