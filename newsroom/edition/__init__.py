"""Finished pages, kept as files and served before Django: what `current` says is what readers get."""
