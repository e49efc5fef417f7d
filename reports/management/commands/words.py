"""`manage.py words`: the catalogues of what residents read in other languages."""

from pathlib import Path
from typing import Any

import polib
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import catalogues, languages
from reports.domain import place
from reports.management import translations


class Command(BaseCommand):
    """Export the texts of a language for whoever checks them; extract and check them in the project."""

    help = "What residents read in other languages: export it to be checked; in the project, extract and check it."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        export = verbs.add_parser(
            "export", help="write the texts of a language, for a native speaker to check"
        )
        export.add_argument("language", choices=languages.NAMES)
        export.add_argument("file", type=Path)
        verbs.add_parser(
            "extract", help="in the project: bring the catalogues into line with what the pages say"
        )
        check = verbs.add_parser(
            "check", help="find what cannot be right in a translator's file, or in the project's"
        )
        check.add_argument("file", nargs="?", type=Path, help="the file that came back, as pl.po")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        getattr(self, f"_{options.pop('verb')}")(**options)

    def _export(self, *, language: str, file: Path, **options: Any) -> None:
        """Write what keeps people safe first; what was checked before stays checked."""
        found = catalogues.entries(language, place=place.folder(), texts=place.texts())
        catalogue = polib.POFile(wrapwidth=100)
        catalogue.metadata = catalogues.metadata(language)
        catalogue.extend(sorted(found, key=lambda entry: not catalogues.is_safety(entry)))
        try:
            catalogue.save(str(file))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from error
        counted = catalogues.count(found)
        self.stdout.write(counted.in_words(languages.NAMES[language]))
        self.stdout.write(
            f"Give {file} to a native speaker. In Poedit, what they have checked is no longer marked “needs work”."
            f" When it comes back: “words check {file}”. Then put it into the place folder as"
            f" languages/{language}.po, and take the place again."
        )

    def _extract(self, **options: Any) -> None:
        translations.extract()

    def _check(self, *, file: Path | None, **options: Any) -> None:
        if file:
            self._check_file(file)
        else:
            self._check_ours()

    def _check_file(self, file: Path) -> None:
        """Name every fault of a file that came back, so that its translator is asked once."""
        try:
            catalogue = polib.pofile(str(file))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error}") from error
        code = catalogue.metadata.get("Language", "")
        if code not in languages.NAMES:
            problem = f"its header names the language “{code}”. It has to be one of"
            raise CommandError(f"{file}: {problem} {', '.join(languages.NAMES)}.")
        sent = catalogues.entries(code, place=place.folder(), texts=place.texts())
        faults = list(translations.faults_in(catalogue, code, sent=sent))
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults in {file}.")
        checked = sum(map(catalogues.is_checked, catalogue))
        self.stdout.write(f"0 faults. {checked} of {len(catalogue)} texts checked.")

    def _check_ours(self) -> None:
        problems = list(translations.problems())
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} problems in the catalogues.")
        self.stdout.write(f"0 problems, {len(languages.NAMES)} languages.")
        for code, number in translations.missing().items():
            if number:
                self.stdout.write(
                    f"{languages.NAMES[code]}: without a translation, so in English: {number}."
                )
