from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from newsroom.domain import seeding
from newsroom.models import Article

pytestmark = pytest.mark.django_db


def load(*args):
    out = StringIO()
    call_command("load_articles", *args, stdout=out)
    return out.getvalue()


def test_load_articles_loads_a_demonstrations_own_articles_and_counts_them(
    settings,
):
    settings.DEMO = True
    assert load() == "Stories: 1 new, 0 left out because their addresses are taken.\n"
    assert load() == "Stories: 0 new, 1 left out because their addresses are taken.\n"


def test_load_articles_has_to_be_told_which_on_any_other_desk():
    with pytest.raises(CommandError, match="Say which stories to load"):
        load()
    assert not Article.objects.exists()
    said = load(str(seeding.ARTICLES))
    assert said == "Stories: 1 new as drafts, 0 left out because their addresses are taken.\n"
    assert Article.objects.get().status == Article.Status.DRAFT
