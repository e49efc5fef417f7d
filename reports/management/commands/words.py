"""`manage.py words`: the catalogues of what residents read, in `locale/`."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import templatize

from core import languages
from reports.text import catalogues

# Everything that residents read who send a tip, come back to it, or ask what this site is. The team's texts are never
# translated, and neither are stories and figures.
SOURCES = (
    "templates/base.html",
    "templates/bare.html",
    "templates/400.html",
    "templates/404.html",
    "templates/413.html",
    "templates/429.html",
    "templates/500.html",
    "templates/_by_phone.html",
    "templates/errors/*.html",
    "templates/civic/**/*.html",
    "templates/reports/**/*.html",
    "templates/newsroom/_before_writing.html",
    "templates/newsroom/_head.html",
    "templates/newsroom/_police_need_more.html",
    "templates/newsroom/_questions.html",
    "templates/newsroom/_translator.html",
    "core/languages.py",
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
)
NOT = ("templates/reports/outcomes.html", "templates/reports/_figures_table.html")  # figures are in English
KEYWORDS = ("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext:1,2", "pgettext:1c,2", "npgettext:1c,2,3")


class Command(BaseCommand):
    """Extract what residents read."""

    help = "Keep the catalogues of what residents read."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="verb", required=True)
        commands.add_parser("extract", help="bring the catalogues in line with what the pages say (developers)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        getattr(self, f"_{options['verb']}")()

    def _extract(self) -> None:
        wanted = extracted()
        for code in languages.NAMES:
            path = catalogues.path_of(code)
            catalogue = polib.pofile(str(path)) if path.exists() else _empty(code)
            catalogue.merge(wanted)
            for entry in catalogue.obsolete_entries():
                catalogue.remove(entry)
            for entry in catalogue:
                entry.flags = ["fuzzy"]
            path.parent.mkdir(parents=True, exist_ok=True)
            catalogue.save(str(path))


def extracted() -> polib.POFile:
    """Return what residents read, in the order of SOURCES, as a catalogue without translations. Needs `xgettext`."""
    base: Path = settings.BASE_DIR
    files = [path for glob in SOURCES for path in sorted(base.glob(glob)) if str(path.relative_to(base)) not in NOT]
    names = [str(path.relative_to(base)) for path in files]
    with TemporaryDirectory() as folder:
        for path, name in zip(files, names, strict=True):
            text = path.read_text(encoding="utf-8")
            copy = Path(folder, name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(templatize(text, origin=name) if path.suffix == ".html" else text, encoding="utf-8")
        keywords = [f"--keyword={keyword}" for keyword in KEYWORDS]
        command = ["xgettext", "--from-code=UTF-8", "--language=Python", "--add-location=file", "--output=-", *keywords]
        found = subprocess.run([*command, *names], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
    return polib.pofile(found.stdout)


PLURALS = {"pl": "nplurals=4; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : n!=1 && n%10>=0 && n%10<=1 || n%10>=5 && n%10<=9 || n%100>=12 && n%100<=14 ? 2 : 3);",
"ro": "nplurals=3; plural=(n==1 ? 0 : n==0 || (n!=1 && n%100>=1 && n%100<=19) ? 1 : 2);", "ur": "nplurals=2; plural=(n != 1);"}


def _empty(code: str) -> polib.POFile:
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {"Language": code, "MIME-Version": "1.0", "Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit", "Plural-Forms": PLURALS[code]}
    return catalogue
