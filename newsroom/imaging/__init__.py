"""Strangers' pictures, decoded in a child process; where their files lie."""
