"""Opened tips: what is read, what stays in clear, who may not see them."""
