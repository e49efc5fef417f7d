"""The newsroom's rules, as functions that take keywords."""
