"""What nobody sends who means well: seeded requests to every address, each the same again for the same seed."""

import random
import secrets
import string
from dataclasses import dataclass, field
from urllib.parse import quote, quote_from_bytes, quote_plus

from reports import questions
from reports.sealing import receipts

FORM = "application/x-www-form-urlencoded"
RECEIPT = "/report/receipt/"
METHODS = (
    *("POST",) * 6,
    "GET",
    "GET",
    "HEAD",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "get",
)
NAMES = (
    *(question.name for question in questions.FIELDS),
    "token",
    "issued",
    "mark",
    "appeal",
    "website",
)
OTHER_NAMES = (
    "change",
    "words",
    "ticket",
    "text",
    "photos",
    "number",
    "sure",
    "q",
    "next",
    "username",
    "carried",
)
CHOSEN = (
    "yes",
    "no",
    "on",
    "words",
    "details",
    "home",
    "bletchley",
    "unsure",
    "1",
    "-1",
    "null",
    "[]",
    "{}",
    "1e999",
)
# Bytes that are no text, or no text that a database takes: NUL, half a surrogate pair, an overlong slash, cut UTF-8.
BYTES = (
    b"\0",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\xff\xfe",
    b"\xf0\x9f\x98",
    b"\x80",
    b"\xf4\x90\x80\x80",
)
CHARSETS = ("utf-7", "unicode_escape", "hex", "rot13", "zlib", "idna", "utf-16", "no?ne", "\xff")
BROKEN = (
    *BYTES,
    b"%",
    b"%u0000",
    b"&&&=;=",
    b"--",
    b"\r\n\r\n",
    b"name=",
    b'name="\0\xff',
    b"X" * 9000,
)
NO_FORMS = (
    "",
    "text/plain",
    "application/json",
    f"{FORM}; charset=no?ne",
    "multipart/form-data",
    "x",
)
HEADERS = (
    *(
        "Origin",
        "Cookie",
        "Accept-Language",
        "If-Modified-Since",
        "If-None-Match",
        "Range",
        "Accept-Encoding",
    ),
    *("Sec-Fetch-Site", "X-Forwarded-For", "Content-Type", "Referer"),
)
SAID = (
    *(
        "",
        "null",
        "x",
        "http://[",
        "//\xff",
        "javascript:1",
        "https://elsewhere.example",
        "xx-" * 200,
        "en;q=nan",
    ),
    *(
        "*;q=1e999",
        "Thu, 99 Foo 0000 99:99:99 GMT",
        'W/"',
        '"' + "y" * 2000 + '"',
        "bytes=0-0,1-1",
        "bytes=9-1",
    ),
    *(
        "br;q=x",
        "identity;q=0",
        "staff=" + "é" * 50,
        "csrftoken=\xff;;=;staff",
        "::1, \xff",
        "'; --",
    ),
    *(f"text/plain; charset={one}" for one in CHARSETS),
)
SHORT = (
    "A grey van.",
    "",
    " ",
    "\r\n",
    "\r",
    "\u200b",
    "\u202egnp.exe",
    "\ufeffx",
    "i\u0307",
    "ﬃ",
    "\U0001f6a8" * 9,
)
MARKUP = (
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "{% now %}",
    "%s%n%x",
    "${jndi:x}",
    "'; DROP TABLE reports_tip",
)
ODD = ("../../../../etc/passwd", "=cmd|'/c calc'!A1", "\u2028\u2029", "\x1b[31m", "\x7f\x01\x02")
LONG = (
    "a" * 5000,
    "1-" * 4000,
    "\u0301" * 3000,
    "🏴" + "\U000e0067" * 500,
    "é" * 3000,
    "@" * 3000,
    "0" * 4000,
)
TEXTS = (*SHORT, *MARKUP, *ODD, *LONG, "ab12cde " * 900, "line\n" * 2000)


@dataclass
class Attempt:
    """One request, and for a form to the receipt what it carries."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    fields: list[tuple[str, bytes]] | None = (
        None  # as a browser would read them; None where nobody can say
    )

    @property
    def token(self):
        """Return the token that a form carries, if it can be one."""
        found = [
            value.decode("utf-8", "replace") for name, value in self.fields or () if name == "token"
        ]
        return found[-1] if found and receipts.is_token(found[-1]) else ""


class Fuzz:
    """Makes requests to these addresses; `mark` stands in every query, so that a log that keeps one is seen."""

    def __init__(self, seed, addresses, *, slip, mark):
        """Take the seed, where to, and what gives the hidden fields of a fresh form."""
        self._chance, self._addresses, self._slip, self._mark = (
            random.Random(seed),
            addresses,
            slip,
            mark,
        )

    def attempts(self, count):
        """Yield so many; a third are forms that ask for a receipt."""
        for number in range(count):
            yield self._receipt() if number % 3 == 0 else self._anything()

    def _receipt(self):
        """Return a form that may well be taken: a valid token, and an answer beside whatever else."""
        fields = [(name, value.encode()) for name, value in self._slip().items()]
        fields += [("what", self._value() if self._once(5) else f"A van {self._text()}".encode())]
        fields += [(self._name(), self._value()) for _ in range(self._chance.choice((0, 2, 8, 40)))]
        self._chance.shuffle(fields)
        kind, body = self._form(fields) if self._once(2) else self._multipart(fields)
        kind += f"; charset={self._chance.choice(CHARSETS)}" if self._once(4) else ""
        return Attempt("POST", RECEIPT, body, {"Content-Type": kind}, fields)

    def _anything(self):
        path = self._chance.choice(self._addresses)
        if "?" not in path and self._once(2):
            path += f"?{self._name()}={quote_from_bytes(self._value()[:2000])}&{self._mark}={self._mark}"
        if self._once(9):
            path += quote_from_bytes(
                self._chance.choice(BYTES) + self._chance.choice(TEXTS)[:50].encode()
            )
        attempt = Attempt(self._chance.choice(METHODS), path, headers=self._headers())
        if attempt.method not in ("GET", "HEAD", "get") or self._once(9):
            kind, attempt.body = self._body()
            attempt.headers.setdefault("Content-Type", kind)
        return attempt

    def _body(self):
        """Return a content type, and a body that keeps to it, or whose grammar is broken somewhere."""
        count = self._chance.choice((0, 1, 3, 12, 12, 12, 300, 1200))
        fields = [(self._name(), self._value(short=count > 99)) for _ in range(count)]
        files = self._once(3)
        kind, body = self._form(fields) if self._once(3) else self._multipart(fields, files=files)
        for _ in range(self._chance.choice((0, 0, 1, 1, 9))):
            at = self._chance.randrange(len(body) + 1)
            body = (
                body[:at]
                + self._chance.choice(BROKEN)
                + body[at + self._chance.choice((0, 1, 9, 9999)) :]
            )
        others = (
            kind.partition(";")[0],
            f"{kind}x",
            f"{kind}; charset={self._chance.choice(CHARSETS)}",
            *NO_FORMS,
        )
        return self._chance.choice(others) if self._once(4) else kind, body

    def _form(self, fields):
        return FORM, "&".join(
            f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields
        ).encode()

    def _multipart(self, fields, *, files=False):
        edge, body = "".join(self._chance.choices(string.ascii_letters, k=20)), b""
        for name, value in fields:
            file = (
                f'; filename="{self._chance.choice(("a.jpg", "../a", "", "a.php", "é" * 300))}"'
                if files
                else ""
            )
            body += (
                f'--{edge}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
                + value
                + b"\r\n"
            )
        return f"multipart/form-data; boundary={edge}", body + f"--{edge}--\r\n".encode()

    def _headers(self):
        """Return headers that a browser sends, with what none would say."""
        return {name: self._chance.choice(SAID) for name in HEADERS if self._once(8)}

    def _name(self):
        return self._chance.choice(NAMES if self._once(2) else OTHER_NAMES)

    def _text(self):
        return self._chance.choice(TEXTS)

    def _value(self, *, short=False):
        match self._chance.randrange(4):
            case 0:
                value = self._chance.choice(CHOSEN).encode()
            case 1:
                value = b"x" + self._chance.choice(BYTES) + self._text().encode()[:300]
            case _:
                value = self._text().encode()
        return value[:60] if short else value

    def _once(self, of):
        return self._chance.randrange(of) == 0


def odd_addresses(mark):
    """Return addresses that nobody listed, each with a mark in it."""
    return [
        f"/{quote(odd)}{mark}/"
        for odd in ("..", "%2e%2e", "a\0b", "é", "\\", "//x", ";a=b", "a" * 3000, "?", "~")
    ]


def fresh_slip():
    """Return hidden fields of a form that nobody gave out, which are good enough for a receipt."""
    return {"token": receipts.new_token(), "issued": "0", "mark": secrets.token_hex(8)}
