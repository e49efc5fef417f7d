"""Untrusted pictures: decoded in a child process, and addressed by digest."""
