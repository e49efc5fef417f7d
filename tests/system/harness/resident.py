"""A resident's browser with scripts off: it reads a page's forms, fills them in and sends them, and keeps no cookie."""

import http.client
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from tests.reports import markup
from tests.system.harness.facts import until

RECEIVED = "We have your tip. Keep these seven words."
SENT = 'class="sent"'
NOT_YET = "You have not sent it yet."
AGED = 5.5  # seconds after which a form is no longer suspicious, so that pictures are offered
CARD = re.compile(r"<ol[^>]*receipt-card.*?</ol>", re.DOTALL)
WORD = re.compile(r"<li[^>]*>\s*([a-z-]+)\s*</li>")

TICKED, UNSENT = ("radio", "checkbox"), ("submit", "button", "file", "image", "reset")

type File = tuple[str, str, bytes]  # field, name, content


@dataclass
class Form:
    """What a browser would send if nobody touched anything."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


def forms(text):
    """Return the forms of a page: each control belongs to the one that began last before it."""
    page, found, select = markup.Page(text), list[Form](), ""
    for tag, have in page.elements:
        name, kind = have.get("name", ""), have.get("type", "text")
        is_sent = kind not in UNSENT and (kind not in TICKED or "checked" in have)
        if tag == "form":
            found.append(Form(have.get("action", "")))
        elif tag == "select":
            select = name
        elif not found:
            continue
        elif tag == "option" and select and "selected" in have:
            found[-1].fields[select] = have.get("value", "")
        elif tag == "textarea":
            found[-1].fields[name] = page.texts.get(have.get("id", ""), "").removeprefix("\n")
        elif tag == "input" and name and is_sent:
            found[-1].fields[name] = have.get("value", "on" if kind == "checkbox" else "")
    return found


@dataclass(frozen=True)
class Page:
    """One whole answer."""

    status: int
    text: str
    headers: Mapping[str, str]
    cookies: tuple[str, ...]  # as the browser is told to set them
    seconds: float

    @property
    def words(self):
        """Return the seven words on the page."""
        card = CARD.search(self.text)
        return " ".join(WORD.findall(card[0])) if card else ""

    def form(self, action):
        """Return the form that goes to `action`."""
        there = forms(self.text)
        found = next((form for form in there if urlsplit(form.action).path == action), None)
        assert found, (
            f"no form to {action} on this page ({self.status}), only to {[form.action for form in there]}"
        )
        return found

    @property
    def received(self):
        """Return whether the page says that the tip was received, and was read to its last byte."""
        return (
            self.status == 200 and RECEIVED in self.text and self.text.rstrip().endswith("</html>")
        )


class Resident:
    """A client of the server at `port`; `source` is its own address, `headers` go with every request."""

    def __init__(
        self,
        port,
        *,
        source="127.0.0.1",
        headers=None,
        timeout=30,
    ):
        """Take where to; nothing is opened yet."""
        self.port, self.source, self.timeout = port, source, timeout
        self.headers = dict(headers or {})

    def get(self, path):
        """Read a page."""
        return self.ask("GET", path)

    def post(self, path, fields, files=()):
        """Send a form, with files as browsers send them."""
        files = list(files)
        if files:
            kind, body = multipart(fields, files)
        else:
            kind, body = "application/x-www-form-urlencoded", urlencode(fields).encode()
        return self.ask("POST", path, body, {"Content-Type": kind})

    def ask(self, method, path, body=b"", headers=None):
        """Send one request on a connection of its own and read the whole answer; raises OSError when there is none."""
        own = (
            {"Origin": f"http://127.0.0.1:{self.port}", "Sec-Fetch-Site": "same-origin"}
            if method == "POST"
            else {}
        )
        link = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=self.timeout, source_address=(self.source, 0)
        )
        began = time.monotonic()
        try:
            link.request(method, path, body or None, {**own, **self.headers, **(headers or {})})
            answer = link.getresponse()
            text = answer.read().decode("utf-8", errors="replace")
            kept = {name.lower(): value for name, value in answer.getheaders()}
            cookies = tuple(answer.headers.get_all("Set-Cookie", []))
            return Page(answer.status, text, kept, cookies, time.monotonic() - began)
        except http.client.HTTPException as error:
            raise ConnectionError(f"{type(error).__name__}: no whole answer") from error
        finally:
            link.close()

    def open_form(self, *, appeal=""):
        """Read the form's page; a form that is sent within five seconds looks automated and is offered no pictures."""
        page = self.get(f"/report/?appeal={appeal}" if appeal else "/report/")
        assert page.status == 200, f"/report/ answered {page.status}"
        return page.form("/report/check/")

    def start(self, answers, *, appeal="", form=None):
        """Fill in a form (a fresh one) and walk to the check page; return what its Send button would send."""
        form = form or self.open_form(appeal=appeal)
        checked = self.post("/report/check/", form.fields | dict(answers))
        assert checked.status == 200, f"/report/check/ answered {checked.status}"
        assert NOT_YET in checked.text, "the check page is not what was expected"
        return checked.form("/report/receipt/")

    def send(self, form):
        """Press Send."""
        return self.post("/report/receipt/", form.fields)

    def tell(self, answers, *, appeal="", form=None):
        """Walk the whole way and return the receipt page, which must be one."""
        page = self.send(self.start(answers, appeal=appeal, form=form))
        assert page.received, f"no receipt, but {page.status}"
        assert len(page.words.split()) == 7, "a receipt without its seven words"
        return page

    def says(self, status, path="/healthz"):
        """Wait until a health check has the answer: each process keeps one for five seconds."""
        until(lambda: self.get(path).status == status, f"{path} says {status}")

    def open_mailbox(self, words):
        """Type the words on the mailbox's page."""
        return self.post(
            "/mailbox/", self.get("/mailbox/").form("/mailbox/").fields | {"words": words}
        )

    def answer(self, page, text):
        """Answer from an open mailbox."""
        return self.post("/mailbox/reply/", page.form("/mailbox/reply/").fields | {"text": text})

    def show(self, receipt, pictures):
        """Send pictures from a receipt page."""
        form = receipt.form("/report/photos/")
        return self.post(
            "/report/photos/", form.fields, [("photos", name, data) for name, data in pictures]
        )


def multipart(fields, files):
    """Return the content type and body of a form with files."""
    edge = secrets.token_hex(12)
    body = b""
    for name, value in fields.items():
        body += (
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        )
    for name, filename, data in files:
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        )
        body += f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + data + b"\r\n"
    return f"multipart/form-data; boundary={edge}", body + f"--{edge}--\r\n".encode()
