"""Sealed sessions, middleware, and error reports without content."""
