"""Make the database and its one article from JSON on standard input; print the article's path."""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench._wagtail.settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

from tests.bench._wagtail.models import ArticlePage  # noqa: E402

call_command("migrate", verbosity=0)
home = Page.objects.get(depth=2)
page = home.add_child(instance=ArticlePage(slug="story", **json.load(sys.stdin)))
page.save_revision().publish()
Site.objects.update(hostname="127.0.0.1", root_page=home, is_default_site=True)
sys.stdout.write("/story/")
