"""The project's catalogues: extracted from what residents read, marked, and checked for what a program can find."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polib
from django.conf import settings
from django.utils.translation import templatize

from core import catalogues, languages
from core.languages import RIGHT_TO_LEFT

# Everything that residents read who send a tip, come back to it, or ask what this site is. The team's texts are never
# translated, and neither are stories and figures.
SOURCES = (
    "templates/_*.html",
    "templates/base.html",
    "templates/bare.html",
    "templates/400.html",
    "templates/404.html",
    "templates/413.html",
    "templates/500.html",
    "templates/errors/*.html",
    "templates/civic/**/*.html",
    "templates/reports/**/*.html",
    "templates/newsroom/_before.html",
    "templates/newsroom/_before_writing.html",
    "templates/newsroom/_head.html",
    "templates/newsroom/_police_need_more.html",
    "templates/newsroom/_questions.html",
    "templates/newsroom/_translator.html",
    "reports/consent_words.py",
    "reports/domain/intake/photos.py",
    "reports/forms.py",
    "reports/promises.py",
    "reports/questions.py",
    "reports/replies.py",
    "reports/security/written.py",
    "reports/text/identity_warnings/advice.py",
    "reports/views/anonymous.py",
    "reports/views/mailbox.py",
    "reports/views/mailbox_page.py",
    "reports/views/submit.py",
    "reports/who.py",
)
NOT = (
    "templates/reports/outcomes.html",
    "templates/reports/_figures_table.html",
)  # figures are in English
KEYWORDS = ("_", "gettext", "gettext_lazy", "ngettext:1,2")

QUOTED = re.compile(r"“([^”]+)”")
LATIN = re.compile(r"[A-Za-z]{2,}")
LABEL = 40  # characters of a text without a full stop that may be a label or a button
SPARE = 13  # characters that a label may have
LONGER = 2.2  # times the English


@cache
def rules(name: str) -> dict[str, Any]:
    """Return what a file of `locale` says: `safety` or `terms`."""
    return tomllib.loads((catalogues.LOCALE / f"{name}.toml").read_text(encoding="utf-8"))


def extract() -> None:
    """Bring the catalogues into line with what the pages say: nothing of ours is checked, and what is gone goes."""
    wanted = extracted()
    for code in languages.NAMES:
        catalogue = polib.pofile(str(catalogues.path_of(code)), wrapwidth=110)
        catalogue.merge(wanted)
        for entry in catalogue.obsolete_entries():
            catalogue.remove(entry)
        for entry in catalogue:
            entry.flags = ["fuzzy"]
            entry.comment = catalogues.SAFETY if keeps_safe(entry) else ""
        catalogue.save()


def extracted() -> polib.POFile:
    """Return what residents read, in the order of SOURCES, as a catalogue without translations. Needs `xgettext`."""
    base: Path = settings.BASE_DIR
    names = list[str]()
    for glob in SOURCES:
        paths = [str(path.relative_to(base)) for path in sorted(base.glob(glob))]
        names += [path for path in paths if path not in NOT]
    with TemporaryDirectory() as folder:
        for name in names:
            text = (base / name).read_text(encoding="utf-8")
            copy = Path(folder, name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(
                templatize(text, origin=name) if name.endswith(".html") else text, encoding="utf-8"
            )
        keywords = [f"--keyword={keyword}" for keyword in KEYWORDS]
        command = [
            "xgettext",
            "--from-code=UTF-8",
            "--language=Python",
            "--add-location=file",
            "--output=-",
            *keywords,
        ]
        found = subprocess.run(  # noqa: S603
            [*command, *names], cwd=folder, check=True, capture_output=True, text=True
        )
    return polib.pofile(found.stdout)


def keeps_safe(entry: polib.POEntry) -> bool:
    """Return whether `locale/safety.toml` says that a text keeps people safe."""
    rule = rules("safety")
    if entry.msgid in rule["not"]:
        return False
    by_word = re.search("|".join(rule["words"]), entry.msgid, re.IGNORECASE)
    by_file = any(file in rule["files"] for file, _line in entry.occurrences)
    return bool(by_word) or by_file or entry.msgid in rule["also"]


def problems() -> Iterator[str]:
    """Yield what cannot be right, each with its language and text.

    A text without a translation is no problem: it stands in English, marked as that. Its entry has to be there.
    """
    wanted = None
    if shutil.which("xgettext"):
        wanted = {entry.msgid: entry for entry in extracted()}
    for code in languages.NAMES:
        catalogue = polib.pofile(str(catalogues.path_of(code)))
        texts = {entry.msgid: entry for entry in catalogue}
        if wanted is not None and (wanted.keys() != texts.keys() or catalogue.obsolete_entries()):
            changed = sorted(wanted.keys() ^ texts.keys())
            yield f"{code}: not what the pages say: run ./dev manage words extract ({len(changed)}: {changed[:3]})"
        for entry in catalogue:
            for problem in (*_marked(entry), *_problems(entry, code, texts)):
                yield f"{code}: “{entry.msgid[:70]}”: {problem}"


def faults_in(file: polib.POFile, code: str, *, sent: Iterable[polib.POEntry]) -> Iterator[str]:
    """Yield what a place could not use of a translator's file, each with its line and text.

    `sent` is what `words export` writes: beside it shows what they changed and left marked “needs work”.
    """
    written = {entry.msgid: entry for entry in file}
    exported = {entry.msgid: entry for entry in sent}
    for entry in file:
        ours = exported.get(entry.msgid)
        if ours is None:
            found = ["no page says this in English any more: export the texts again"]
        elif _said(entry) == _said(ours):
            found = []
        else:
            entry.occurrences = ours.occurrences
            found = list(_problems(entry, code, written))
            if entry.fuzzy and not is_missing(entry):
                found.append("is changed, and still marked “needs work”: pages would not show it")
        for problem in found:
            yield f"line {entry.linenum}: “{entry.msgid[:70]}”: {problem}"


def missing() -> dict[str, int]:
    """Return how many texts have no translation yet, by the code of the language."""
    return {
        code: sum(map(is_missing, polib.pofile(str(catalogues.path_of(code)))))
        for code in languages.NAMES
    }


def is_missing(entry: polib.POEntry) -> bool:
    """Return whether an entry lacks its translation, or one of its plural forms."""
    return not all(text.strip() for text in _said(entry))


def _said(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


def _marked(entry: polib.POEntry) -> Iterator[str]:
    is_marked = catalogues.is_safety(entry)
    if is_marked != keeps_safe(entry):
        yield f"is {'' if is_marked else 'not '}marked, against locale/safety.toml"


def _problems(entry: polib.POEntry, code: str, texts: dict[str, polib.POEntry]) -> Iterator[str]:
    said = _said(entry)
    if is_missing(entry):
        return
    forms = _plural_forms(code)
    if entry.msgid_plural and len(said) != forms:
        yield f"{forms} plural forms are needed"
    if parts := catalogues.differences(entry):
        yield f"placeholders, tags, digits, links or signs differ: {parts}"
    for text in said:
        yield from _slips(entry, text, code)
    for quoted in QUOTED.findall(entry.msgid):
        if quoted in texts and texts[quoted].msgstr not in said[0]:
            yield f"quotes “{quoted}”, but not its translation “{texts[quoted].msgstr}”"


@cache
def _plural_forms(code: str) -> int:
    rule = catalogues.metadata(code)["Plural-Forms"]
    return int((re.search(r"nplurals=(\d)", rule) or ["", "0"])[1])


def _slips(entry: polib.POEntry, text: str, code: str) -> Iterator[str]:
    terms = rules("terms")
    is_ours = bool(entry.occurrences)  # a place's own texts are often names
    if is_ours and text == entry.msgid and text not in terms["same"]:
        yield "the translation is the English"
    latin = {
        word
        for word in LATIN.findall(catalogues.MUST_MATCH.sub(" ", text))
        if word not in terms["names"]
    }
    if code in RIGHT_TO_LEFT and latin:
        yield f"has Latin letters: {sorted(latin)}"
    is_label = len(entry.msgid) < LABEL and not entry.msgid.endswith((".", "?", ":"))
    if is_label and len(text) > SPARE + LONGER * len(entry.msgid):
        yield f"is {len(text)} characters long; the English has {len(entry.msgid)}"
    yield from _other_terms(entry, text, terms[code])


def _other_terms(entry: polib.POEntry, text: str, terms: dict[str, list[str]]) -> Iterator[str]:
    english = catalogues.MUST_MATCH.sub(" ", entry.msgid)
    for term, stems in terms.items():
        if re.search(rf"\b{term}\b", english, re.IGNORECASE) and not any(
            stem in text.casefold() for stem in stems
        ):
            yield f"“{term}” is {' or '.join(stems)} everywhere else"
