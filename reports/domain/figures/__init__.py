"""What the town may count, and how small numbers are hidden."""
