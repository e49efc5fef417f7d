"""What one visitor's request says changes nothing in the next one's page, and no header gives an error of ours."""

import http.client
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.system.harness import home as homes
from tests.system.harness.home import Home
from tests.system.harness.server import Server

EVIL = "/elsewhere"
# What gunicorn, WSGI, Django or a proxy before them treat specially, with a value that would show or break something.
HEADERS = {
    **dict.fromkeys(("SCRIPT_NAME", "Script-Name", "X-Script-Name", "X-Forwarded-Prefix", "PATH_INFO"), EVIL),
    **dict.fromkeys(("X-Original-URL", "X-Rewrite-URL", "REQUEST_URI", "RAW_URI"), f"{EVIL}/report/"),
    **dict.fromkeys(("Host", "X-Forwarded-Host", "X-Forwarded-Server", "X-Host", "SERVER_NAME"), "evil.example"),
    **dict.fromkeys(("X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Url-Scheme", "Front-End-Https"), "https"),
    **dict.fromkeys(("X-Forwarded-Ssl", "HTTPS", "wsgi.url_scheme"), "on"),
    **dict.fromkeys(("X-Forwarded-Port", "SERVER_PORT"), "99999"),
    **dict.fromkeys(("X-Forwarded-For", "REMOTE_ADDR", "X-Real-IP", "True-Client-IP"), "203.0.113.9, nonsense"),
    **dict.fromkeys(("REMOTE_USER", "Remote-User", "X-Forwarded-User", "X-Remote-User"), "lena"),
    **dict.fromkeys(("X-HTTP-Method-Override", "X-Method-Override", "REQUEST_METHOD"), "DELETE"),
    "Forwarded": 'for="_x";host=evil.example;proto=https',
    "Authorization": "Basic bGVuYTpsZW5h",
    "Proxy": "http://evil.example/",
    "Origin": "https://evil.example",
    "Referer": "https://evil.example/<script>",
    "Cookie": "django_language=xx; sessionid=\x80; csrftoken=" + "a" * 64,
    "Accept": "application/json;q=nan, */*;q=-1",
    "Accept-Language": "cy, xx;q=999, *;q=x",
    "Accept-Encoding": "br;q=1, gzip;q=x, identity;q=0",
    "Accept-Charset": "utf-7",
    "Content-Type": "multipart/form-data; boundary=\xff",
    "Content-Encoding": "gzip",
    "If-None-Match": '"x", W/"y", *',
    "If-Modified-Since": "Thu, 99 Foo 99999 99:99:99 GMT",
    "If-Match": '"x"',
    "Range": "bytes=0-3,-1,5-",
    "Expect": "100-continue",
    "Upgrade": "h2c",
    "TE": "trailers",
    "X-Requested-With": "XMLHttpRequest",
    "Sec-Fetch-Site": "cross-site",
    "Purpose": "prefetch",
    "User-Agent": "%s {0} ${jndi:x} \x1b[31m",
}
QUERIES = ("?x=1", "?%00", "?q=%ff%fe", "?" + "a=" + "b" * 6000, "?lang=cy", "?a[]=1&a=2;b")
METHODS = ("HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "PROPFIND", "GET")
# What is each visitor's own, or each server's: the hidden fields, and where the site is.
OWN = re.compile(rb'<input type="hidden"[^>]*>|127\.0\.0\.1:\d+')


def ask(port: int, path: str, *, method: str = "GET", name: str = "", value: str = "") -> tuple[int, bytes]:
    """Return the status and the body of one answer; a header that cannot be written counts as asked without it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host=name == "Host")
        if name:
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, OWN.sub(b"", answer.read())
    finally:
        connection.close()


@contextmanager
def site(home: Home, *arguments: str, app: str = "config.wsgi") -> Iterator[int]:
    """Lend a server that has one process, and so one of each kept page, and nobody before."""
    with Server(home, *arguments, app=app, WORKERS="1") as server:
        yield server.port


@pytest.fixture(scope="module")
def home(prepared: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with homes.copied(prepared, tmp_path_factory.mktemp("strange") / "home") as home:
        home.manage("edition")
        yield home


@pytest.fixture(scope="module")
def pages(home: Home) -> dict[str, bytes]:
    """Return every public page that is kept between visitors, as an ordinary first visitor sees it."""
    with site(home) as port:
        front = ask(port, "/")[1].decode()
        listed = set(re.findall(r'href="(/[^"#?]*)"', front)) - {"/admin/"}
        paths = {path for path in listed if not path.startswith(("/static/", "/media/"))}
        paths |= {"/report/", "/mailbox/", "/feed/", "/robots.txt", "/sitemap.xml", "/nothing-here/", "/report/check/"}
        return {path: ask(port, path)[1] for path in sorted(paths)}


def different(port: int, pages: dict[str, bytes]) -> list[str]:
    """Return the pages that are not as an ordinary first visitor sees them."""
    return [path for path, usual in pages.items() if ask(port, path)[1] != usual]


def strange(path: str) -> Iterator[dict[str, str]]:
    """Yield every strange request to a page."""
    yield from ({"path": path, "name": name, "value": value} for name, value in HEADERS.items())
    yield from ({"path": path, "method": method} for method in METHODS)
    yield from ({"path": path + query} for query in QUERIES)
    for elsewhere in (f"{EVIL}{path}", path.upper(), f"/{path}", f"{path}%2e%2e/"):
        yield {"path": elsewhere, "name": "SCRIPT_NAME", "value": EVIL}


@pytest.mark.proof(
    "strange headers",
    "What one visitor's request says changes nothing in the next one's page, and no header gives an error",
    goal="0 pages changed, 0 of 5xx",
)
def test_no_header_host_method_or_query_changes_the_next_visitors_page(
    home: Home, pages: dict[str, bytes], record_property: Callable[[str, object], None]
) -> None:
    asked = [one for path in pages for one in strange(path)]
    with site(home) as port:
        errors = [one for one in asked if ask(port, **one)[0] >= 500]
        changed = different(port, pages)
    figure = f"{len(asked):,} strange requests to {len(pages)} pages: {len(changed)} changed, {len(errors)} 5xx"
    record_property("figure", figure)
    assert (changed, errors) == ([], [])
    assert len(pages) > 12


@pytest.mark.proof("strange headers", control=True)
def test_control_a_server_that_believes_where_it_begins_is_caught(home: Home, pages: dict[str, bytes]) -> None:
    believes = ("--forwarder-headers", "SCRIPT_NAME,PATH_INFO")
    with site(home, *believes, app="tests.system.proofs.broken:begins_where_it_is_told()") as port:
        ask(port, f"{EVIL}/report/", name="SCRIPT_NAME", value=EVIL)
        assert "/report/" in different(port, pages)
