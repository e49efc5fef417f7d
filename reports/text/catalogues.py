"""x"""
from pathlib import Path
LOCALE = Path(__file__).parents[2] / "locale"


def path_of(code: str) -> Path:
    return LOCALE / code / "LC_MESSAGES" / "django.po"
