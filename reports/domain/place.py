"""Taking the folder of what is local. The desk's machine asks its database first; public ones follow it by a digest.

It joins the folder with what rows name of it: areas in tips and figures, recipients.
"""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction

from core import catalogues, place
from core.place import Place, PlaceError
from newsroom.domain import changes, request_rebuild, seeding
from reports.domain import state_files
from reports.domain.errors import Refused
from reports.domain.figures import counting
from reports.domain.storage import lost_database
from reports.models import Recipient, Tip
from reports.text import languages


def folder() -> Path:
    """Return where the copy lies that the program reads at its start."""
    path: Path = settings.STATE_DIR / "place"
    return path


def take(*, source: Path) -> Place:
    """Check a folder and copy it here, for the next start.

    Raises PlaceError or SeedError for what is wrong in it, and Refused where the desk's machine has taken another one;
    then nothing has changed.
    """
    new = folder().with_name("place.new")
    old = folder().with_name("place.old")
    place.read(source)
    place.copy(source, new)
    try:
        taken = place.read(new)
        _require_languages(taken)
        _require_checked(taken, new)
        lost_database.require()
        if _has_tables():
            with transaction.atomic():
                store(taken, articles=new / "articles")
                _replace(new, old)
        else:
            _replace(new, old)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return taken


def store(taken: Place, *, articles: Path) -> None:
    """Bring the database into line with a place: its areas, its stories as drafts, and its digest.

    In a demonstration stories are what their files say. On a public machine nothing is stored: raises Refused unless
    the desk's machine has stored this digest. Raises PlaceError for an area that is missing, and SeedError.
    """
    if changes.place() == taken.digest:
        return
    if settings.SITE_ROLE == "public":
        raise Refused(
            "The desk’s machine has taken another folder. Take this one there first, then here."
        )
    if missing := carried() - {area.slug for area in taken.areas}:
        problem = (
            f"“{min(missing)}” is missing, and tips name it. Keep its line, with “yes” in the "
            "last column to close it."
        )
        raise PlaceError("areas.csv", problem)
    seeding.load(path=articles, areas=taken.areas, as_drafts=not settings.DEMO)
    changes.note_place(digest=taken.digest)
    request_rebuild.request_rebuild()


def carried() -> set[str]:
    """Return the slugs of areas that tips or published figures name; while a tip is unopened it may name any."""
    found = {*Tip.objects.exclude(area="").values_list("area", flat=True).distinct()}
    if Tip.objects.filter(opened=False).exists():
        found |= {area.slug for area in settings.PLACE.areas}
    for release in counting.releases():
        cells = release.measures[counting.RECEIVED].tables["area"]
        found |= {cell for cell, number in cells.items() if number and cell != counting.NOT_SAID}
    return found


def is_apart_from_home_office() -> bool:
    """Return whether pages may say that no tip goes to the Home Office.

    The operator has confirmed it, and every police recipient is one whom they named. False if nobody can tell.
    """
    if settings.PLACE.only_recipients is None:
        return False
    try:
        return not Recipient.objects.exclude(name__in=settings.PLACE.only_recipients).exists()
    except (
        DatabaseError,
        InterfaceError,
    ):  # a machine without its database, or without the right to ask
        return False


def _require_languages(taken: Place) -> None:
    for code, own in taken.own_languages.items():
        try:
            languages.greeted([code], {code: own}, **taken.numbers)
        except ValueError as error:
            problem = "write the language’s name and %(count)s lines, as in reports/text/languages."
            raise PlaceError(
                f"languages/{code}.txt", problem % {"count": languages.LINES}
            ) from error
    known = sorted({language.code for language in languages.ALL} | taken.own_languages.keys())
    if unknown := set(taken.languages) - set(known):
        problem = "the form has no greeting in “%(code)s”. Choose of %(known)s."
        facts = {"code": min(unknown), "known": ", ".join(known)}
        raise PlaceError(place.toml_key("", "languages"), problem % facts)


def texts() -> list[str]:
    """Return what pages print of the place and of who runs the site: the place's own catalogues translate it."""
    operator = {**settings.PLACE.operator, "address": "", "contact": ""}
    return [
        *settings.PLACE.texts.values(),
        *filter(None, operator.values()),
        *settings.PLACE.people,
    ]


def checked(taken: Place, folder: Path) -> dict[str, catalogues.Checked]:
    """Return, by its code, how much of each language that has pages here is checked. Raises PlaceError."""
    found = {}
    for code in taken.pages_in(demo=settings.DEMO):
        try:
            if wrong := catalogues.first_unusable(code, place=folder):
                problem = (
                    f"a translation is not as its English, such as {f'“{wrong.msgid}”'} Correct it, or mark it as "
                    "unchecked."
                )
                raise PlaceError(f"languages/{code}.po", problem)
            found[code] = catalogues.count(
                catalogues.entries(code, place=folder, texts=taken.texts.values())
            )
        except (OSError, UnicodeDecodeError) as error:
            raise PlaceError(
                f"languages/{code}.po", f"this is no catalogue of translations ({error})."
            ) from error
    return found


def _require_checked(taken: Place, folder: Path) -> None:
    """Raise PlaceError where a real desk would offer a language in which what keeps people safe is not checked."""
    for code, counted in checked(taken, folder).items():
        if counted.in_english and not settings.DEMO:
            problem = (
                "%(count)s texts in “%(code)s” that keep people safe are not checked in languages/%(code)s.po, such as"
                " “%(text)s” Run %(command)s and have a native speaker check them, or take “%(code)s” out."
            )
            facts = {"count": len(counted.in_english), "code": code, "text": counted.in_english[0]}
            facts["command"] = state_files.command(f"words export {code} FILE")
            raise PlaceError(place.toml_key("", "pages"), problem % facts)


def _has_tables() -> bool:
    return (
        not lost_database.file_is_absent()
        and "newsroom_changecount" in connection.introspection.table_names()
    )


def _replace(new: Path, old: Path) -> None:
    if folder().exists():
        shutil.rmtree(old, ignore_errors=True)
        folder().rename(old)
    new.rename(folder())
