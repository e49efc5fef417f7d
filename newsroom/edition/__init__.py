"""Editions: finished pages in files, served without Django. Readers get the edition that `current` links to."""
