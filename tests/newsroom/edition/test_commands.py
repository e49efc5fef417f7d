"""`manage.py edition`: an edition without a server."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from core.place import Place
from newsroom.domain import public_pages
from newsroom.edition import storage
from newsroom.edition.code_version import code_version
from tests.newsroom.articles import make_article


def said(**options):
    out = io.StringIO()
    call_command("edition", stdout=out, **options)
    return out.getvalue()


def test_it_makes_an_edition_and_says_what_it_holds_or_that_there_is_none(
    transactional_db, monkeypatch
):
    def dead(**how):
        raise OperationalError

    make_article("a-story")
    with monkeypatch.context() as patched:
        patched.setattr(public_pages, "next_instant", dead)
        with pytest.raises(
            CommandError,
            match=r"No edition was made \(OperationalError\)\. The one before goes on\.",
        ):
            said()
    assert storage.current() is None
    for options in ({}, {"all": True}):
        text, made = said(**options), storage.current()
        assert made is not None
        assert text == f"Edition {made.folder.name}: {len(list(public_pages.all_pages()))} pages.\n"
        assert made.whole.startswith(code_version())


def test_the_fingerprint_differs_with_the_sites_facts(settings):
    before = code_version()
    assert before == code_version()
    settings.PLACE = Place(digest="another")  # type: ignore[attr-defined]
    assert code_version() != before
