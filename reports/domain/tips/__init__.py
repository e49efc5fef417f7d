"""Opened tips: reading, metadata in clear, digests, recusals, edit conflicts."""
