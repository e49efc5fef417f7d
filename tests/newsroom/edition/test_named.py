"""Which articles are rendered for an edition: those that a verb names, those related to them, and no other."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from newsroom.domain import request_rebuild
from newsroom.edition import build
from newsroom.edition.storage import Manifest
from tests.newsroom.edition.standin import Newsroom, folder, is_article, number

type Make = Callable[..., Manifest]


@pytest.fixture
def room(room: Newsroom) -> Newsroom:
    """Return a newsroom with ten articles, of which the fourth and fifth name each other."""
    for count in range(10):
        room.put(f"/news/story-{count}/", f"text {count}")
    room.neighbours = {"/news/story-4/": {"/news/story-5/"}, "/news/story-5/": {"/news/story-4/"}}
    return room


def rendered(room: Newsroom) -> list[str]:
    """Return the articles that were rendered, without tombstones."""
    return sorted(path for path in room.asked if is_article(path) and path in room.pages)


def test_the_named_article_and_those_related_to_it_are_rendered_and_no_other(make: Make, room: Newsroom) -> None:
    make()
    room.request("/news/story-4/")
    make()
    assert rendered(room) == ["/news/story-4/", "/news/story-5/"]
    room.request("/news/story-7/")
    make()
    assert rendered(room) == ["/news/story-7/"]


def test_the_lists_that_a_changed_article_is_in_are_rendered_and_no_other(make: Make, room: Newsroom) -> None:
    pages = ("/topics/trials/", "/topics/trials/1/", "/areas/olney/")
    for path in pages:
        room.put(path, "list")
    room.listed = {path: f"/{path.split('/')[1]}/{path.split('/')[2]}/" for path in pages}
    room.shelved = {number("/news/story-4/"): {"/topics/trials/"}}
    make()
    room.request("/news/story-4/")
    make()
    assert [path for path in pages if path in room.asked] == ["/topics/trials/", "/topics/trials/1/"]


def test_those_that_named_a_withdrawn_article_are_rendered(make: Make, room: Newsroom) -> None:
    make()
    room.withdraw("/news/story-4/")
    room.request("/news/story-4/")
    make()
    assert rendered(room) == ["/news/story-5/"]


def test_several_requests_add_up(make: Make, room: Newsroom) -> None:
    make()
    for path in ("/news/story-1/", "/news/story-2/", "/news/story-2/"):
        room.request(path)
    make()
    assert rendered(room) == ["/news/story-1/", "/news/story-2/"]
    assert request_rebuild.waiting() == frozenset()


def test_a_request_that_no_edition_answered_is_kept(make: Make, room: Newsroom) -> None:
    make()
    room.request("/news/story-1/")
    room.answers["/"] = 500, {}
    with pytest.raises(build.BuildFailed):
        make()
    del room.answers["/"]
    make()
    assert rendered(room) == ["/news/story-1/"]


@pytest.mark.parametrize("text", ["", "not json", "7", "[null]", '{"a": 1}'])
def test_a_request_that_names_nothing_or_cannot_be_read_is_for_every_page(
    make: Make, room: Newsroom, text: str
) -> None:
    make()
    request_rebuild._write(text)
    make()
    assert set(room.asked) >= room.pages.keys()
    assert request_rebuild.waiting() == frozenset()


def test_a_request_for_many_articles_is_for_every_page(
    make: Make, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "MOST_ARTICLES", 2)
    make()
    room.request("/news/story-1/", "/news/story-2/", "/news/story-3/")
    make()
    assert set(room.asked) >= room.pages.keys()


def test_a_revision_that_no_request_named_is_rendered_once(make: Make, room: Newsroom) -> None:
    first = make()
    room.revisions.append("/news/story-3/")
    assert room.builder().is_due(first)
    assert not room.builder().is_due(make())
    assert rendered(room) == ["/news/story-3/"]
    make()
    assert rendered(room) == []


def test_what_has_no_revisions_renders_every_page_once(make: Make, room: Newsroom) -> None:
    make()
    room.rest = "a topic has another name"
    made = make()
    assert set(room.asked) >= room.pages.keys()
    assert not room.builder().is_due(made)


def test_an_article_whose_instant_has_passed_is_rendered_with_those_related_to_it(make: Make, room: Newsroom) -> None:
    make()
    room.instants = {
        "/news/story-1/": timezone.now() + timedelta(hours=1),
        "/news/story-4/": timezone.now(),
        "/news/story-7/": timezone.now() - timedelta(hours=1),
    }
    make()
    assert rendered(room) == ["/news/story-4/", "/news/story-5/"]


def test_every_page_is_rendered_when_the_code_differs_and_once(make: Make, room: Newsroom) -> None:
    make()
    builder = room.builder()
    builder.code = "newer"
    room.asked.clear()
    made = builder.build()
    assert made.code == "newer"
    assert set(room.asked) >= room.pages.keys()
    assert not builder.is_due(made)


def test_a_rebuild_of_every_page_mends_what_no_verb_named(make: Make, room: Newsroom) -> None:
    make()
    room.put("/news/story-1/", "changed by hand")
    file = folder() / "pages/news/story-2.html"
    file.unlink()
    file.write_text("damaged")
    make()
    assert (folder() / "pages/news/story-1.html").read_text() == "text 1"
    assert (folder() / "pages/news/story-2.html").read_text() == "damaged"
    room.request()
    make()
    assert (folder() / "pages/news/story-1.html").read_text() == "changed by hand"
    assert (folder() / "pages/news/story-2.html").read_text() == "text 2"


def test_a_file_that_was_lost_is_rendered_again(make: Make, room: Newsroom) -> None:
    make()
    (folder() / "pages/news/story-2.html").unlink()
    room.put("/", "new front")
    make()
    assert rendered(room) == ["/news/story-2/"]
