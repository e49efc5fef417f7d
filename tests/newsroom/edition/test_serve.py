"""The layer in front of Django: what it answers itself, how, and what it leaves alone."""

import pytest

from newsroom.edition import headers
from newsroom.edition.serve import Layer
from newsroom.edition.storage import UnfinishedEdition
from tests.newsroom.articles import NOON
from tests.newsroom.edition.asking import ask

STORY, PATH = b"a story " * 100, "/news/a-story/"
FILES = {"index.html": b"front", "news/a-story/index.html": STORY, "robots.txt": b"User-agent: *"}
FILES |= {"feed/index.atom": b"<feed/>"}


def django(environ, start_response):
    """Answer as the application does, whatever it is asked."""
    start_response("200 OK", [("X-From", "Django")])
    return [b"of Django"]


def publish(files):
    with UnfinishedEdition() as draft:
        for file, body in files.items():
            draft.add(file, body)
        draft.publish(at=NOON, after=None, number=1, whole="x")


@pytest.fixture
def layer():
    publish(FILES)
    return Layer(django)


@pytest.mark.parametrize(
    ("path", "kind"),
    [(PATH, "text/html; charset=utf-8"), ("/robots.txt", "text/plain; charset=utf-8")],
)
def test_a_page_comes_from_the_edition_with_the_headers_of_the_one_list(layer, path, kind):
    said = ask(layer, f"{path}?utm_source=letter")
    own = {"ETag", "Last-Modified", "Content-Length"}
    assert (said.status, said.body in FILES.values()) == (200, True)
    assert {name: value for name, value in said.fields.items() if name not in own} == {
        **headers.common(https=False),
        "Content-Type": kind,
    }
    head = ask(layer, path, method="HEAD")
    assert (head.status, head.fields, head.body) == (200, said.fields, b"")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", PATH),
        *(
            ("GET", path)
            for path in ("/report/", "/static/x.css", "/news/unknown/", "/news/a-story", "/feed/")
        ),
        *(("GET", path) for path in ("/index.html", f"{PATH}index.html", "/robots.txt.gz")),
    ],
)
def test_everything_else_is_djangos(layer, method, path):
    assert ask(layer, path, method=method).fields == {"X-From": "Django"}


def test_a_private_page_is_djangos_even_where_an_edition_has_a_file_for_it(layer):
    for path in ("/report/", "/admin/", "/mailbox/x.json"):
        publish(
            FILES | {f"{path[1:]}index.html" if path.endswith("/") else path[1:]: b"of somebody"}
        )
        layer.refresh()
        assert ask(layer, path).body == b"of Django"
    assert ask(layer, PATH).body == STORY


def test_a_new_edition_is_served_whole_after_a_refresh_and_the_one_before_until_then(
    layer,
):
    publish(FILES | {"news/a-story/index.html": b"corrected"})
    assert ask(layer, PATH).body == STORY
    layer.refresh()
    said = ask(layer, PATH)
    assert (said.body, said.fields["Content-Length"]) == (b"corrected", "9")
