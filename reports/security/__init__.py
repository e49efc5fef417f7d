"""Sealed sessions, middleware and error reports that hold nothing of a request."""
