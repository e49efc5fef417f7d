"""Topics, areas and authors: whoever keeps one asks for a new edition, for their names stand on many pages."""

from collections.abc import Callable

import pytest

from newsroom.domain import changes, seeding
from newsroom.models import Area, Author, Topic

type Capture = Callable[..., object]

pytestmark = pytest.mark.django_db

KINDS = {"topic": Topic, "area": Area, "author": Author}


@pytest.mark.parametrize("kind", KINDS)
def test_the_admin_keeps_a_section_so_too(ed, kind, django_capture_on_commit_callbacks):
    typed = {"name": "A name", "slug": "a-name", "estates": "", "bio": ""}
    with django_capture_on_commit_callbacks(execute=True):
        said = ed.post(f"/admin/newsroom/{kind}/add/", typed)
        assert (said.status_code, said["Location"]) == (302, f"/admin/newsroom/{kind}/")
    section = KINDS[kind].objects.get(slug="a-name")
    before = changes.number()
    with django_capture_on_commit_callbacks(execute=True):
        ed.post(f"/admin/newsroom/{kind}/{section.pk}/change/", typed | {"name": "Another"})
    assert 0 < before < changes.number()
    assert (changes.since(before).every_page, type(section).objects.get().name) == (True, "Another")


def test_areas_that_changed_in_their_file_ask_for_a_new_edition(
    django_capture_on_commit_callbacks, tmp_path
):
    asked = []
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            seeding.load(path=tmp_path)
        asked.append(changes.number())
        if len(asked) == 2:
            Area.objects.filter(slug="olney").update(name="Was Olney")
    assert 0 < asked[0] == asked[1] < asked[2]
    assert Area.objects.get(slug="olney").name == "Olney"
