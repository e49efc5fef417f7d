"""What only the news refuses; `core/errors.py` has the rest."""

from core.errors import Refused


class ChangedMeanwhile(Refused):
    """Somebody else has changed the article since it was opened."""
