"""A minimal Wagtail site with one article page, run in an environment of its own (.bench-venv)."""
