"""What an edition holds, how little is rendered for it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from newsroom.domain import request_rebuild
from newsroom.edition import storage
from newsroom.edition.build import BuildFailed
from newsroom.edition.storage import Manifest
from tests.newsroom.edition.standin import HTML, Newsroom, folder


def files(part: str) -> list[str]:
    return sorted(str(path.relative_to(folder() / part)) for path in (folder() / part).rglob("*") if path.is_file())


def test_the_first_edition_holds_every_surface_as_a_file(make: Callable[..., Manifest], room: Newsroom) -> None:
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


def test_what_is_private_never_enters_an_edition(make: Callable[..., Manifest], room: Newsroom) -> None:
    for path in ("/report/", "/mailbox/", "/search/", "/admin/", "/static/x.txt"):
        room.put(path, "private")
    made = make()
    assert not [path for path in made.pages if path.startswith(("/report", "/mailbox", "/search", "/admin", "/static"))]
    assert "private" not in "".join(path.read_text() for path in folder().rglob("*.html"))


@pytest.mark.parametrize(
    "fields", [{"Set-Cookie": "a=b"}, {"Vary": "Accept-Encoding, Cookie"}, {"Content-Type": "x/y"}]
)
def test_a_page_for_one_reader_or_of_a_strange_type_is_left_to_django(
    make: Callable[..., Manifest], room: Newsroom, fields: dict[str, str]
) -> None:
    room.answers["/news/a-story/"] = 200, fields
    made = make()
    assert "/news/a-story/" not in made.pages


def test_an_unchanged_newsroom_makes_no_new_edition(make: Callable[..., Manifest], room: Newsroom) -> None:
    first, before = make(), folder()
    assert not room.builder().is_due(first)
    again = make()
    assert (again.number, again.pages, folder()) == (first.number, first.pages, before)
    assert "/news/a-story/" not in room.asked


def test_a_request_that_changes_nothing_is_answered_without_a_new_edition(
    make: Callable[..., Manifest], room: Newsroom
) -> None:
    first = make()
    room.request("/news/a-story/")
    answered = make()
    assert answered.number == first.number
    assert request_rebuild.waiting() == frozenset()
    assert storage.current() == answered


def test_pages_that_are_no_articles_are_rendered_and_the_same_bytes_are_the_same_files(
    make: Callable[..., Manifest], room: Newsroom
) -> None:
    first = make()
    before = folder()
    room.put("/", "another front " * 100)
    made = make()
    assert sorted(room.asked) == sorted({*room.pages, "/news/a-mistake/"} - {"/news/a-story/"})
    assert folder() != before
    for name in (
        "pages/news/a-story.html",
        "pages/news/a-story.html.gz",
        "pages/feed.atom",
        "gone/news/a-mistake.html",
    ):
        assert (folder() / name).samefile(before / name)
    assert made.pages["/feed/"] == first.pages["/feed/"]
    assert (folder() / "pages/index.html").read_text() == "another front " * 100
    assert (before / "pages/index.html").read_text() == "front " * 100


def test_withdrawing_leaves_a_tombstone_and_takes_the_page(make: Callable[..., Manifest], room: Newsroom) -> None:
    make()
    room.withdraw("/news/a-story/")
    made = make()
    assert "/news/a-story/" not in made.pages
    assert (folder() / "gone/news/a-story.html").read_text() == "withdrawn: /news/a-story/"
    assert not (folder() / "pages/news/a-story.html").exists()
    assert made.moved == {"/news/an-old-name/": "/news/a-story/"}


def test_a_withdrawn_page_goes_even_when_no_edition_can_be_made(make: Callable[..., Manifest], room: Newsroom) -> None:
    make()
    room.withdraw("/news/a-story/")
    room.answers["/"] = 500, {}
    with pytest.raises(BuildFailed):
        make()
    made = storage.current()
    assert "/news/a-story/" in made.gone
    assert "/news/a-story/" not in made.pages
    assert [name for name in files("pages") if "a-story" in name] == []
    assert "This story was withdrawn." in (folder() / "gone/news/a-story.html").read_text()
    assert (folder() / "pages/index.html").read_text() == "front " * 100


def test_a_tombstone_wins_over_a_surface_and_a_redirect_of_the_same_path(
    make: Callable[..., Manifest], room: Newsroom
) -> None:
    room.withdrawn |= {"/news/a-story/", "/news/an-old-name/"}
    made = make()
    assert "/news/a-story/" not in made.pages
    assert made.moved == {}
    assert sorted(made.gone) == ["/news/a-mistake/", "/news/a-story/", "/news/an-old-name/"]


def test_a_redirect_to_what_is_not_out_is_not_told(make: Callable[..., Manifest], room: Newsroom) -> None:
    room.redirects["/news/was-a-secret/"] = "/news/still-secret/"
    made = make()
    assert made.moved == {"/news/an-old-name/": "/news/a-story/"}
    assert not list(folder().rglob("*secret*"))


def test_the_next_instant_is_kept_and_one_that_has_passed_is_refused(
    make: Callable[..., Manifest], room: Newsroom
) -> None:
    room.next = timezone.now() + timedelta(hours=1)
    made = make()
    assert made.next == room.next.timestamp()
    room.next = timezone.now() - timedelta(seconds=1)
    with pytest.raises(BuildFailed):
        make()


def test_numbers_rise_even_when_the_clock_goes_back(
    make: Callable[..., Manifest], room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make()
    monkeypatch.setattr("time.time", lambda: 1.0)
    room.put("/", "new")
    second = make()
    assert second.number == first.number + 1


def test_a_page_of_another_type_leaves_no_older_file(make: Callable[..., Manifest], room: Newsroom) -> None:
    make()
    room.put("/feed/", "<feed/>", kind=HTML)
    made = make()
    assert made.pages["/feed/"].file == "pages/feed.html"
    assert not (folder() / "pages/feed.atom").exists()
