"""The news stays up: an article in every state, with everything well, without a database, without an application."""

import shutil
import subprocess
from contextlib import ExitStack

import pytest

from tests.system.harness import databases, homes, troubles
from tests.system.harness.server import Server
from tests.system.servers.doors import Door, nginx, nginx_binary, until

PATHS = {
    "live": "/news/live/",
    "corrected": "/news/corrected/",
    "withdrawn": "/news/withdrawn/",
    "moved": "/news/old-name/",
    "embargoed": "/news/embargoed/",
    "unknown": "/news/never-was/",
}
HELD = {
    "live": 200,
    "corrected": 200,
}  # what the edition holds; the application answers for the rest
OTHERS = {"healthy": {"wsgi": 404, "nginx": 404}, "database dead": {"wsgi": 500, "nginx": 500}}
OTHERS |= {"application dead": {"wsgi": 500, "nginx": 503}}
DOORS = pytest.mark.parametrize("door", ["wsgi", "nginx"])
# The address that stands in the pages of `manage edition`: with another, the server would soon make them anew.
ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def newsroom(prepared, tmp_path_factory):
    """Prepare a machine with an article in every state."""
    with homes.copied(prepared, tmp_path_factory.mktemp("newsroom") / "home") as home:
        home.python("-m", "tests.system.servers.editing")
        home.manage("edition")
        yield home


@pytest.fixture(scope="module", params=OTHERS)
def doors(request, newsroom, tmp_path_factory):
    """Serve a copy of it, by gunicorn and by nginx, and then take away what the case says."""
    trouble = request.param
    with ExitStack() as stack:
        home = stack.enter_context(
            homes.copied(newsroom, tmp_path_factory.mktemp("served") / "home")
        )
        with_links(home.state / "edition", like=newsroom.state / "edition")
        server = stack.enter_context(Server(home, SITE_ORIGIN=ORIGIN))
        front = stack.enter_context(nginx(home, application=server.port))
        wsgi = Door("wsgi", server.port)
        until(lambda: wsgi.ask("/").from_edition, what="an edition")
        until(lambda: front.ask("/").from_edition, what="an edition in nginx")
        if trouble == "database dead" and home.database_url:
            databases.drop_database(home.database_url)
        elif trouble == "database dead":
            stack.enter_context(troubles.away(home))
        elif trouble == "application dead":
            server.kill()
            broken = "tests.system.servers.broken_application:django_is_dead()"
            wsgi = Door(
                "wsgi", stack.enter_context(Server(home, app=broken, SITE_ORIGIN=ORIGIN)).port
            )
        yield Doors(trouble, wsgi, front)


def with_links(editions, *, like):
    """Make a copy of editions over again, this time with its links."""
    shutil.rmtree(editions)
    shutil.copytree(like, editions, symlinks=True)


class Doors:
    """How a machine is, and its two doors."""

    def __init__(self, trouble, wsgi, front):
        """Take them."""
        self.trouble, self.both = trouble, {"wsgi": wsgi, "nginx": front}

    def status(self, door, state):
        """Return what an article in a state is answered with."""
        answers = HELD | ({"withdrawn": 410, "moved": 301} if self.trouble == "healthy" else {})
        return answers.get(state, OTHERS[self.trouble][door])


@pytest.mark.parametrize("state", PATHS)
@DOORS
def test_every_state_of_an_article_through_every_door(doors, door, state):
    said = doors.both[door].ask(PATHS[state])
    assert said.status == doors.status(door, state)
    assert said.from_edition is (state in HELD)
    text = said.body.decode()
    assert ("<title>The story live" in text) is (state == "live")
    assert ("It was a Tuesday." in text) is (state == "corrected")
    assert ("It was about the wrong street." in text) is (said.status == 410)
    assert said.fields.get("Location") == ("/news/new-name/" if said.status == 301 else None)
    assert "The story embargoed" not in text


@DOORS
def test_lists_show_what_is_out_and_nothing_else(doors, door):
    feeds = (
        ("/feed/", "/topics/trials/feed/") if door == "nginx" or doors.trouble == "healthy" else ()
    )
    for path in ("/", "/news/", "/topics/trials/", *feeds):
        said = doors.both[door].ask(path)
        text = said.body.decode()
        assert (path, said.status) == (path, 200)
        assert "The story live" in text
        assert "The story withdrawn" not in text
        assert "The story embargoed" not in text


@DOORS
def test_what_a_reader_has_takes_packed_or_asks_beside_it_changes_no_page(doors, door):
    plain = doors.both[door].ask(PATHS["live"])
    for wish in ("", "gzip"):
        said = doors.both[door].ask(PATHS["live"], accept_encoding=wish)
        assert said.fields.get("Content-Encoding", "") == wish
        again = doors.both[door].ask(
            PATHS["live"], accept_encoding=wish, if_none_match=said.fields["ETag"]
        )
        assert (again.status, again.body) == (304, b"")
        assert again.fields["Cache-Control"] == "no-cache"
    for query in ("?utm_source=letter", "?page=1", "?q=words"):
        other = doors.both[door].ask(PATHS["live"] + query)
        assert (other.status, other.body, other.from_edition) == (200, plain.body, True)


@DOORS
@pytest.mark.parametrize(
    "path",
    [
        *(
            "/index/",
            "/index.html",
            "/news/index.html",
            "/news",
            "/.facts.json",
            "/pages/index.html",
        ),
        *("/.other", "/robots.txt.gz", "/news/live/index.html"),
        *("/%2e%2e/.facts.json", "/news/withdrawn/index.html", "/news/live/index.html.gz"),
    ],
)
def test_a_file_that_is_no_address_is_never_served(doors, door, path):
    said = doors.both[door].ask(path)
    assert (said.from_edition, b"The story" in said.body) == (False, False)


def test_the_form_is_never_from_a_file(doors):
    said = doors.both["nginx"].ask("/report/")
    assert said.status == (503 if doors.trouble == "application dead" else 200)
    assert not said.from_edition
    if doors.trouble == "application dead":
        assert b"assume that we have not received it" in said.body
        assert b"0800 555 111" in said.body


def test_the_example_configuration_is_one_that_nginx_takes(newsroom, tmp_path):
    text = (homes.ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    key, chain = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    subject = ["-subj", "/CN=example.org", "-days", "1", "-keyout", str(key), "-out", str(chain)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject],
        check=True,
        capture_output=True,
    )
    text = text.replace("/etc/letsencrypt/live/example.org", str(tmp_path)).replace(
        "/run/nginx", f"{tmp_path}/run"
    )
    text = text.replace("/var/log/nginx", str(tmp_path))
    (tmp_path / "nginx.conf").write_text(text)
    said = subprocess.run(
        [nginx_binary(), "-t", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, "syntax is ok" in said.stderr) == (0, True), said.stderr
