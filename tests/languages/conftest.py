"""The language that nobody speaks, and those that residents may choose."""

from contextlib import nullcontext

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from core import catalogues, languages
from reports.views import mailbox_page, submit
from tests.languages import pseudo

KEPT = (
    submit._shell,
    mailbox_page._frame,
    mailbox_page._nothing,
    mailbox_page._letter_frame,
    catalogues.is_unchecked,
)


class Speaking(Client):
    """A visitor who asks for every page in one language."""

    def __init__(self, code, **kwargs):
        super().__init__(**kwargs)
        self.code = code

    def generic(self, method, path, *args, **kwargs):
        """Ask under the language's address."""
        return super().generic(
            method,
            path if path.startswith(f"/{self.code}/") else f"/{self.code}{path}",
            *args,
            **kwargs,
        )


@pytest.fixture
def strange(monkeypatch, settings):
    """Let the site speak the language that nobody speaks."""
    settings.LANGUAGE_CODE = "xx"  # pages of another language that are kept are not shown
    monkeypatch.setattr(translation, "override", lambda _code, deactivate=False: nullcontext())
    for name, function in pseudo.FUNCTIONS.items():
        monkeypatch.setattr(translation._trans, name, function)


def compiled(folder, *, demo, place=None):
    """Compile every language that there is, as on a demonstration or a real desk; return the settings that offer it."""
    texts = settings.PLACE.texts.values()
    place = place or settings.STATE_DIR / "place"
    catalogues.write(languages.NAMES, place=place, texts=texts, to=folder, demo=demo)
    return {"LANGUAGES": [("en-gb", "English"), *languages.NAMES.items()], "LOCALE_PATHS": [folder]}


def offer(settings, folder, *, demo, place=None):
    """Offer every language, compiled into a folder."""
    for name, value in compiled(folder, demo=demo, place=place).items():
        setattr(settings, name, value)
    forget()


def forget():
    """Let no page or catalogue of before be shown."""
    for kept in KEPT:
        kept.cache_clear()


@pytest.fixture
def offered(settings, tmp_path):
    """Offer all languages, as a demonstration does."""
    offer(settings, tmp_path / "languages", demo=True)
    yield
    forget()


@pytest.fixture
def checked_desk(settings, tmp_path):
    """Offer all languages as a real desk would where nobody has checked anything."""
    offer(settings, tmp_path / "languages", demo=False)
    yield
    forget()
