"""What is put into words once for each language, and then said again and again."""

from collections.abc import Callable
from functools import lru_cache, wraps

from django.utils.translation import get_language

KEPT = 1024  # of what each function says


def once[Words](words: Callable[..., Words]) -> Callable[..., Words]:
    """Return the function, which words the same facts once: they must be hashable, and be all that it goes by."""
    kept = lru_cache(maxsize=KEPT)(lambda _language, *facts: words(*facts))

    @wraps(words)
    def worded(*facts: object) -> Words:
        return kept(get_language(), *facts)

    return worded
