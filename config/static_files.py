"""Headers of the static files that WhiteNoise serves."""

import re
from collections.abc import MutableMapping

from django.conf import settings


def leave_unstored(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Let no browser store a file that only senders fetch."""
    if re.match(settings.OF_SENDERS, url):
        headers["Cache-Control"] = "no-store"
