"""A large edition that is made in haste holds only what differs, and readers see no difference."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from newsroom.domain import outdated
from newsroom.edition import shelf
from newsroom.edition.manifest import Manifest
from newsroom.edition.serve import Layer
from tests.newsroom.edition.asking import Said, ask
from tests.newsroom.edition.machine import nginx
from tests.newsroom.edition.standin import LATER, Newsroom, folder
from tests.proofs.home import Home

type Make = Callable[..., Manifest | None]
type Ask = Callable[[str], Said]


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the small newsroom count as a large one."""
    monkeypatch.setattr(shelf, "LAYERED", 1)


@pytest.fixture(params=["wsgi", "nginx"])
def reader(request: pytest.FixtureRequest, room: Newsroom, make: Make, tmp_path: Path) -> Iterator[Ask]:
    """Make the first edition, and return how a reader asks for a page of the current one."""
    make()
    if request.param == "wsgi":
        yield lambda path: ask(Layer(room), path)
        return
    (tmp_path / "state").symlink_to(settings.STATE_DIR)
    with nginx(Home(tmp_path), application=9) as door:
        yield door.ask


def own() -> list[str]:
    """Return the pages that the current edition holds itself."""
    pages = folder() / "pages"
    return sorted(
        str(path.relative_to(pages))
        for path in pages.rglob("*")
        if path.is_file() and path.suffix not in (".gz", ".br")
    )


def test_an_edition_in_haste_holds_only_what_differs(room: Newsroom, make: Make) -> None:
    make()
    whole = folder().name
    assert ".below" not in str(own())
    room.put("/news/a-story/", "changed", changed=LATER)
    made = make()
    assert made is not None
    assert (own(), made.pages.keys(), shelf.current()) == (["news/a-story.html"], room.pages.keys(), made)
    assert (folder() / "pages/.below").resolve() == outdated.folder() / whole / "pages"
    room.put("/feed/", "<feed>new</feed>", kind="application/atom+xml; charset=utf-8", changed=LATER)
    make()
    assert own() == ["feed.atom", "news/a-story.html"]
    assert (folder() / "pages/.below").resolve() == outdated.folder() / whole / "pages"


def test_readers_get_changed_and_unchanged_pages(reader: Ask, room: Newsroom, make: Make) -> None:
    room.put("/news/a-story/", "changed", changed=LATER)
    room.put("/news/another/", "new", changed=LATER)
    make()
    bodies = {path: reader(path).body.decode() for path in ("/", "/news/a-story/", "/news/another/", "/robots.txt")}
    assert bodies == {
        "/": "front " * 100,
        "/news/a-story/": "changed",
        "/news/another/": "new",
        "/robots.txt": "User-agent: *",
    }
    assert reader("/news/an-old-name/").fields["Location"] == "/news/a-story/"
    assert reader("/.below/news/a-story/").status != 200


@pytest.mark.parametrize("changed_before", [False, True])
def test_a_withdrawn_story_never_shows_through_from_below(
    reader: Ask, room: Newsroom, make: Make, changed_before: bool
) -> None:
    if changed_before:
        room.put("/news/a-story/", "changed", changed=LATER)
        make()
    room.redirects.clear()
    room.withdraw("/news/a-story/")
    for _ in range(3):
        outdated._write()
        make()
        said = reader("/news/a-story/")
        assert (said.status, b"a story" in said.body, b"changed" in said.body) == (410, False, False)


@pytest.mark.parametrize("changed_before", [False, True])
def test_what_moved_leads_on_and_what_vanished_is_left_to_django(
    reader: Ask, room: Newsroom, make: Make, changed_before: bool
) -> None:
    if changed_before:
        for path in ("/news/a-story/", "/news/?page=2"):
            room.put(path, "changed", changed=LATER)
        make()
    room.put("/news/a-new-name/", "a story", changed=LATER)
    room.redirects["/news/a-story/"] = "/news/a-new-name/"
    for path in ("/news/a-story/", "/news/?page=2"):
        del room.pages[path], room.changed[path]
    make()
    assert reader("/news/a-story/").fields["Location"] == "/news/a-new-name/"
    assert reader("/news/?page=2").status in (404, 503)  # Django's, or nginx without Django


def test_a_story_that_comes_back_is_seen(reader: Ask, room: Newsroom, make: Make) -> None:
    kept = room.pages.pop("/news/?page=2"), room.changed.pop("/news/?page=2")
    make()
    room.put("/news/?page=2", kept[0][1], changed=kept[1])
    make()
    assert reader("/news/?page=2").body == b"archive, page 2"


def test_what_is_lost_from_below_is_rendered_again(room: Newsroom, make: Make) -> None:
    make()
    (folder() / "pages/news/a-story.html").unlink()
    room.put("/", "new front", changed=LATER)
    make()
    assert own() == ["index.html", "news/a-story.html"]


def test_a_proof_makes_a_layer_whole_and_a_whole_one_stays(room: Newsroom, make: Make) -> None:
    make()
    room.put("/", "new front", changed=LATER)
    make()
    made = make(thorough=True)
    assert made is not None
    assert not shelf.is_layer(made)
    assert {path.name for path in outdated.folder().iterdir() if path.name.isdigit()} >= {folder().name}
    assert len(own()) > 5
    assert make(thorough=True) is None


def test_a_thick_layer_is_made_whole(room: Newsroom, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "THICK", 1)
    make()
    for count, path in enumerate(("/", "/news/", "/news/a-story/"), start=1):
        room.put(path, "changed", changed=LATER)
        made = make()
        assert made is not None
        assert shelf.is_layer(made) is (count < 3)


def test_what_lies_below_is_kept_as_long_as_something_lies_on_it(room: Newsroom, make: Make) -> None:
    make()
    whole = folder()
    for count in range(4):
        room.put("/", f"front {count}", changed=LATER.replace(microsecond=count))
        make()
    assert {path.name for path in outdated.folder().iterdir() if path.name.isdigit()} >= {whole.name, folder().name}
    assert len([path for path in outdated.folder().iterdir() if path.name.isdigit()]) == 1 + shelf.KEPT
    make(thorough=True)
    make()
    room.put("/", "last", changed=LATER.replace(microsecond=9))
    make()
    room.put("/", "very last", changed=LATER.replace(microsecond=10))
    make()
    assert not whole.exists()
