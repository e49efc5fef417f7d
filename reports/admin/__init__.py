"""The staff's rooms: HTTP for the desk, in the Django admin."""
