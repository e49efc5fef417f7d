"""The audit log: its list, and the check for tampering."""
