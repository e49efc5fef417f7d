"""What every language owes: no text for residents is left plain."""
