"""`manage.py load_articles`: load the articles of a folder, or one article."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, override

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from newsroom.domain import seeding
from newsroom.domain.front_matter import SeedError


class Command(BaseCommand):
    """Load articles from seed files."""

    help = (
        "Load stories from Markdown files with front matter. A story whose address is taken is left out. "
        "Each is a draft, except in a demonstration."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path",
            nargs="?",
            type=Path,
            help="a folder or one .md file; a demonstration has its own",
        )

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        path = options["path"]
        if path is None and settings.DEMO:
            path = seeding.ARTICLES
        if path is None:  # the stories of a place come with its folder
            raise CommandError("Say which stories to load: a folder or one .md file.")
        try:
            new, known = seeding.load(path=path, as_drafts=not settings.DEMO)
        except SeedError as error:
            raise CommandError(str(error)) from error
        state = "new" if settings.DEMO else "new as drafts"
        self.stdout.write(
            f"Stories: {new} {state}, {known} left out because their addresses are taken."
        )
