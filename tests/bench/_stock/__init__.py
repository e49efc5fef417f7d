"""The stock Django admin over the same tips in clear, for `./dev bench triage` alone."""
