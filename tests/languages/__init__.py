"""What every language owes: no text for people is left plain."""
