"""What an edition holds, and how little is rendered for it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from newsroom.domain import request_rebuild
from newsroom.edition import storage
from newsroom.edition.build import BuildFailed
from newsroom.edition.storage import Manifest
from tests.newsroom.edition.standin import Newsroom, folder, is_article, number

type Make = Callable[..., Manifest]

STORIES = [f"/news/story-{count}/" for count in range(4)]


def files(part: str) -> list[str]:
    return sorted(str(path.relative_to(folder() / part)) for path in (folder() / part).rglob("*") if path.is_file())


def rendered(room: Newsroom) -> list[str]:
    """Return the articles that were rendered, without tombstones."""
    return sorted(path for path in room.asked if is_article(path) and path in room.pages)


@pytest.fixture
def related(room: Newsroom) -> Newsroom:
    """Return a newsroom with more articles, of which the last two name each other."""
    for path in STORIES:
        room.put(path, "text")
    room.neighbours = {STORIES[2]: {STORIES[3]}, STORIES[3]: {STORIES[2]}}
    return room


def test_the_first_edition_holds_every_surface_as_a_file(make: Make, room: Newsroom) -> None:
    made = make()
    assert made.pages.keys() == room.pages.keys()
    assert [name for name in files("pages") if not name.endswith((".gz", ".br"))] == [
        ".well-known/security.txt",
        "feed.atom",
        "index.html",
        "news.html",
        "news.page-2.html",
        "news/a-story.html",
        "robots.txt",
    ]
    assert files("gone") == ["news/a-mistake.html"]
    assert (folder() / "pages/index.html").read_text() == "front " * 100
    assert (folder() / "moved/news/an-old-name.to").resolve() == (folder() / "targets/news/a-story").resolve()
    assert storage.current() == made


def test_what_is_private_never_enters_an_edition(make: Make, room: Newsroom) -> None:
    for path in ("/report/", "/mailbox/", "/search/", "/admin/", "/static/x.txt"):
        room.put(path, "private")
    made = make()
    assert not [path for path in made.pages if path.startswith(("/report", "/mailbox", "/search", "/admin", "/static"))]
    assert "private" not in "".join(path.read_text() for path in folder().rglob("*.html"))


@pytest.mark.parametrize(
    "fields", [{"Set-Cookie": "a=b"}, {"Vary": "Accept-Encoding, cookie"}, {"Content-Type": "x/y"}]
)
def test_a_page_for_one_reader_or_of_a_strange_type_is_left_to_django(
    make: Make, room: Newsroom, fields: dict[str, str]
) -> None:
    room.answers["/news/a-story/"] = 200, fields
    assert "/news/a-story/" not in make().pages


def test_an_unchanged_newsroom_makes_no_new_edition(make: Make, room: Newsroom) -> None:
    first, before = make(), folder()
    assert not room.builder().is_due(first)
    room.request("/news/a-story/")
    again = make()
    assert (again.number, again.pages, folder()) == (first.number, first.pages, before)
    assert request_rebuild.waiting() == frozenset()


def test_pages_that_are_no_articles_are_rendered_and_the_same_bytes_are_the_same_files(
    make: Make, room: Newsroom
) -> None:
    make()
    before = folder()
    room.put("/", "another front " * 100)
    make()
    assert sorted(room.asked) == sorted({*room.pages, "/news/a-mistake/"} - {"/news/a-story/"})
    for name in ("pages/news/a-story.html", "pages/news/a-story.html.gz", "gone/news/a-mistake.html"):
        assert (folder() / name).samefile(before / name)
    assert (folder() / "pages/index.html").read_text() == "another front " * 100
    assert (before / "pages/index.html").read_text() == "front " * 100


def test_withdrawing_leaves_a_tombstone_and_takes_the_page(make: Make, room: Newsroom) -> None:
    make()
    room.withdraw("/news/a-story/")
    made = make()
    assert "/news/a-story/" not in made.pages
    assert (folder() / "gone/news/a-story.html").read_text() == "withdrawn: /news/a-story/"
    assert not (folder() / "pages/news/a-story.html").exists()
    assert made.moved == {"/news/an-old-name/": "/news/a-story/"}


def test_a_redirect_to_what_is_not_out_is_not_told(make: Make, room: Newsroom) -> None:
    room.redirects["/news/was-a-secret/"] = "/news/still-secret/"
    assert make().moved == {"/news/an-old-name/": "/news/a-story/"}
    assert not list(folder().rglob("*secret*"))


def test_the_next_instant_is_kept_and_one_that_has_passed_is_refused(make: Make, room: Newsroom) -> None:
    room.next = timezone.now() + timedelta(hours=1)
    assert make().next == room.next.timestamp()
    room.next = timezone.now() - timedelta(seconds=1)
    with pytest.raises(BuildFailed):
        make()


def test_the_named_article_those_related_and_its_lists_are_rendered_and_no_other(make: Make, related: Newsroom) -> None:
    lists = ("/topics/trials/", "/topics/trials/1/", "/areas/olney/")
    for path in lists:
        related.put(path, "list")
    related.listed = {path: f"/{path.split('/')[1]}/{path.split('/')[2]}/" for path in lists}
    related.shelved = {number(STORIES[2]): {"/topics/trials/"}}
    make()
    related.request(STORIES[2])
    make()
    assert rendered(related) == STORIES[2:]
    assert [path for path in lists if path in related.asked] == ["/topics/trials/", "/topics/trials/1/"]
    related.withdraw(STORIES[2])
    related.request(STORIES[2])
    make()
    assert rendered(related) == STORIES[3:]


@pytest.mark.parametrize("text", ["", "not json", "[null]"])
def test_a_request_that_names_nothing_or_cannot_be_read_is_for_every_page(
    make: Make, room: Newsroom, text: str
) -> None:
    make()
    request_rebuild._write(text)
    make()
    assert set(room.asked) >= room.pages.keys()
    assert request_rebuild.waiting() == frozenset()


def test_what_no_request_named_is_rendered_once(make: Make, related: Newsroom) -> None:
    """A revision alone asks for its article, and what has no revisions for every page."""
    first = make()
    related.revisions.append(STORIES[1])
    assert related.builder().is_due(first)
    assert not related.builder().is_due(make())
    assert rendered(related) == [STORIES[1]]
    related.rest = "a topic has another name"
    made = make()
    assert set(related.asked) >= related.pages.keys()
    assert not related.builder().is_due(made)


def test_an_article_whose_instant_has_passed_is_rendered_with_those_related_to_it(
    make: Make, related: Newsroom
) -> None:
    make()
    now, hour = timezone.now(), timedelta(hours=1)
    related.instants = {STORIES[0]: now + hour, STORIES[1]: now - hour, STORIES[2]: now}
    make()
    assert rendered(related) == STORIES[2:]


def test_every_page_is_rendered_when_the_code_differs_and_once(make: Make, room: Newsroom) -> None:
    make()
    builder = room.builder()
    builder.code = "newer"
    room.asked.clear()
    made = builder.build()
    assert made.code == "newer"
    assert set(room.asked) >= room.pages.keys()
    assert not builder.is_due(made)
