"""Everything that residents do, with a random secret in every place that takes text."""

import io
import random
import socket
import time
from contextlib import suppress

from django.conf import settings
from PIL import Image

from reports import questions as sheet
from reports.sealing import receipts
from tests.reports import pictures
from tests.system.harness.homes import marker
from tests.system.harness.load import load, repeated
from tests.system.harness.resident import AGED, RECEIVED, SENT, Resident, multipart
from tests.system.proofs.broken import FAULT

CHOSEN = {
    "danger": "yes",
    "under_18": "on",
    "kind": "cuckooing",
    "area": "bletchley",
    "ongoing": "unsure",
}
CHOSEN |= {"source": "rather_not", "guessable": "yes", "contact": "details", "police": "words"}
FREE = tuple(question.name for question in sheet.FIELDS if question.name not in CHOSEN)
# Names that stand nowhere but inside an envelope: with them, a part of one that lies open is seen whatever it says.
INSIDE = ("reply_to", "contact_safe", "rather_not")


LETTERS = {
    "pl": "aąbcćdeęlłnńoósśzźż",
    "ur": "ابپتٹجچخدڈذرڑزژسشطظعغفقکگلمنںوہھیے",
}  # of languages that have pages
ADDRESS = "127.0.0.77"  # a sender's own; members come from 127.0.0.1, which is kept for a while
FORWARDED = ("203.0.113.177", "198.51.100.178", "192.0.2.179")  # as proxies write it


class Secrets(dict[str, list[str]]):
    """What must be found nowhere, by name, each in all the forms in which it is written."""

    def new(self, name):
        """Return a new secret of letters."""
        self.setdefault(name, []).append(text := marker())
        return text

    def foreign(self, name, letters="абвгдежзийклмнопрстуфхцчш"):
        """Return a new secret in another script, or in other letters."""
        self.setdefault(name, []).append(text := "".join(random.choices(letters, k=12)))
        return text

    def words(self, name, words):
        """Add a row of words, however it is written."""
        parts = words.split()
        forms = [
            between.join(parts)
            for between in (" ", "-", "+", "", "\n", ",", "_", "</li><li>", "', '", '", "')
        ]
        self.setdefault(name, []).extend([*forms, words.upper(), words.title()])

    def receipt(self, page, token):
        """Add all that a receipt is or gives."""
        self.words("the seven words", page.words)
        self.setdefault("a token", []).append(token)
        self.setdefault("a tipster's identity", []).append(str(receipts.tipster_identity(token)))


def telling(secrets):
    """Return headers in which a sender's machine and those on the way tell about it."""
    first, second, third = FORWARDED
    secrets["an address of a sender"] = [ADDRESS, *FORWARDED]
    return {
        "X-Forwarded-For": f"{first}, {second}",
        "X-Real-IP": second,
        "Forwarded": f"for={third}",
        "User-Agent": secrets.new("a browser"),
        "Referer": f"https://elsewhere.example/{secrets.new('a page before')}",
        "Accept-Language": f"en, x-{secrets.new('a language')}",
    }


def residents(port, secrets):
    """Send a whole tip, change it, add pictures; meanwhile one with choices that do not exist, and all mistakes."""
    resident = Resident(port, source=ADDRESS, headers=telling(secrets))
    first, since = resident.open_form(appeal="milton-keynes-drug-warrants"), time.monotonic()
    _second_tip(resident, secrets)
    _look_back(resident, secrets)
    mistakes(port, secrets)
    typed = {name: secrets.new(f"answer {name}") for name in FREE}
    typed["what"] += (
        f" {secrets.foreign('answer what')} “quoted” & <b>{secrets.new('answer what')}</b>"
    )
    time.sleep(max(0.0, since + AGED - time.monotonic()))
    sendable = resident.start(CHOSEN | typed, form=first)
    page = resident.send(sendable)
    assert RECEIVED in page.text, f"the walk's own tip was answered with {page.status}"
    secrets.receipt(page, sendable.fields["token"])
    changed = sendable.fields | {"what": secrets.new("a changed answer")}
    assert resident.post("/report/receipt/", changed).words == page.words
    _pictures(resident, page, secrets)


def in_languages(port, secrets):
    """In each language send a tip in its own letters, add to it, ask for what is nowhere, and make a fault."""
    for code, letters in LETTERS.items():
        resident, at = Resident(port, source=ADDRESS, headers=telling(secrets)), f"/{code}/report"
        form = resident.get(f"{at}/").form(f"{at}/check/")
        typed = {
            name: secrets.foreign(f"answer {name}, {code}", letters)
            for name in ("what", "people", "place")
        }
        for what in ({"when": FAULT}, {}):
            sendable = resident.post(f"{at}/check/", form.fields | typed | what).form(
                f"{at}/receipt/"
            )
            page = resident.post(f"{at}/receipt/", sendable.fields)
            assert page.status == (500 if what else 200), (
                f"the tip in {code} was answered with {page.status}"
            )
        secrets.receipt(page, sendable.fields["token"])
        assert resident.get(f"{at}/nowhere/").status == 404
        assert resident.ask("PUT", f"{at}/").status == 405
        box = resident.get(f"/{code}/mailbox/").form(f"/{code}/mailbox/")
        page = resident.post(f"/{code}/mailbox/", box.fields | {"words": page.words})
        reply = page.form(f"/{code}/mailbox/reply/").fields | {
            "text": secrets.foreign(f"a reply in {code}", letters)
        }
        assert 'class="sent"' in resident.post(f"/{code}/mailbox/reply/", reply).text
        sent = [
            f"/{code}/{to}/" for to in ("report/check", "report/receipt", "mailbox/reply")
        ]  # no page links there
        told = [f'"language":"{code}"', f'"language": "{code}"']
        secrets.setdefault("the language of a sender", []).extend([*sent, *told])


def _second_tip(resident, secrets):
    """Answer with what no page offers; long, and from a robot."""
    odd = {name: secrets.new(f"unknown choice for {name}") for name in CHOSEN}
    text = f"{'a long story ' * 6000}{secrets.new('the end of a long answer')}"
    form = resident.start(odd | {"what": text, "website": secrets.new("the trap")})
    page = resident.post(
        "/report/receipt/",
        form.fields | {"mark": secrets.new("a mark"), "issued": secrets.new("a time")},
    )
    assert RECEIVED in page.text, f"the second tip was answered with {page.status}"
    secrets.receipt(page, form.fields["token"])


def _look_back(resident, secrets):
    """Go from the check page back to the form, and send a form with mistakes."""
    form = resident.start(
        {
            "what": secrets.new("a tip that was never sent"),
            "place": secrets.new("a place, never sent"),
        }
    )
    secrets["a token that was never sent"] = [form.fields["token"]]
    assert (
        resident.post("/report/", form.fields | {"change": secrets.new("a change")}).status == 200
    )
    mistaken = {
        "what": "",
        "people": secrets.new("a refused answer") * 400,
        "token": secrets.new("no token"),
    }
    assert resident.post("/report/check/", mistaken).status == 200
    assert resident.post("/report/receipt/", mistaken).status == 200


def _pictures(resident, page, secrets):
    """Send pictures of three kinds with notes in them, one of several megabytes, and a file that is no picture."""
    names = [
        f"{secrets.new('a file name')}.{kind}" for kind in ("jpg", "png", "webp", "jpg", "jpg")
    ]
    small = [
        make(secrets.new("a note in a picture"))
        for make in (pictures.telling_jpeg, pictures.telling_png)
    ]
    liar = secrets.new("a file that is no picture").encode() * 20_000
    files = [
        *small,
        pictures.telling_webp(secrets.new("a note in a picture")),
        large_picture(secrets),
        liar,
    ]
    page_after = resident.show(page, list(zip(names, files, strict=True)))
    assert SENT in page_after.text, f"the pictures were answered with {page_after.status}"


def large_picture(secrets):
    """Return a JPEG above the 2.5 MB from which Django writes uploads to a file."""
    note = secrets.new("a note in a large picture")
    out = io.BytesIO()
    noise = Image.effect_noise((1900, 1900), 120).convert("RGB")
    noise.save(out, "JPEG", quality=95, exif=pictures.exif(description=note), comment=note.encode())
    assert len(out.getvalue()) > 2_700_000
    return out.getvalue()


def mistakes(port, secrets):
    """Send what is malformed, cut, too large, from nowhere or to nowhere, and what makes our own code fail."""
    stale = {"Cookie": f"staff={secrets.new('a stale cookie')}"}
    resident = Resident(port, source=ADDRESS, headers=telling(secrets) | stale)
    text = secrets.new("the text of a tip that failed")
    form = resident.start(
        {"what": text, "when": f"{FAULT} {secrets.new('the time of a tip that failed')}"}
    )
    secrets["the token of a tip that failed"] = [form.fields["token"]]
    assert resident.send(form).status == 500
    assert resident.get(f"/report/?appeal={secrets.new('a query')}").status == 200
    assert resident.get(f"/{secrets.new('an address')}/?q={secrets.new('a query')}").status == 404
    assert (
        resident.post("/report/check/", {"what": too_large(secrets.new("too large a form"))}).status
        == 413
    )
    many = {f"field{number}": secrets.new("one of too many fields") for number in range(1100)}
    del secrets["one of too many fields"][20:]  # twenty of them are enough to look for
    assert resident.post("/report/check/", many).status == 400
    assert (
        resident.ask("GET", "/report/", headers={"Host": f"{secrets.new('a host')}.example"}).status
        == 400
    )
    _broken_bodies(resident, secrets)
    head = "POST /report/receipt/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 90000\r\n"
    raw(port, f"{head}\r\nwhat={secrets.new('a cut tip')}")
    head = f"POST /report/photos/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {settings.PHOTO_READ_LIMIT + 1}\r\n"
    raw(port, f"{head}\r\nmark={secrets.new('too large a picture')}")
    raw(
        port,
        f"GET /report/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{secrets.new('a bad header')} no colon\r\n\r\n",
        source=ADDRESS,
    )
    raw(port, f"{secrets.new('a bad method')} \x01\x02 /report/\r\n\r\n")


def too_large(text):
    """Return a text, repeated until no form may be so large."""
    return text * (settings.FORM_BODY_LIMIT // len(text) + 1)


def _broken_bodies(resident, secrets):
    """Send multipart that is not what it says, to the form and to the pictures."""
    for path in ("/report/check/", "/report/receipt/", "/report/words/", "/report/photos/"):
        file = (
            "photos",
            f"{secrets.new('a file name')}.jpg",
            secrets.new("a file in a broken body").encode() * 9000,
        )
        kind, body = multipart({"what": secrets.new("an answer in a broken body")}, [file])
        resident.ask("POST", path, body[: len(body) // 2], {"Content-Type": kind})
        resident.ask("POST", path, body, {"Content-Type": "multipart/form-data"})
        resident.ask(
            "POST",
            path,
            body,
            {"Content-Type": f"multipart/form-data; boundary={secrets.new('an edge')}"},
        )
        resident.ask("POST", path, body.replace(b"; name=", b"; eman="), {"Content-Type": kind})


def raw(port, text, *, source="127.0.0.1"):
    """Send bytes as they are, and hear the answer out, if there is one."""
    link = socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(source, 0))
    with link, suppress(OSError):
        link.sendall(text.encode())
        link.shutdown(socket.SHUT_WR)
        while link.recv(65536):
            pass


def without_database(port, member, secrets):
    """Send a tip, sign in and write a note while the database is away."""
    resident = Resident(port)
    page = resident.tell({"what": secrets.new("a tip without a database")})
    secrets.words("the words of a tip without a database", page.words)
    resident.send(
        resident.start({"what": secrets.new("a failing tip without a database"), "when": FAULT})
    )
    login = {
        "username": member.desk["username"],
        "password": member.desk["password"],
        "code": "000000",
    }
    assert member.post("/admin/login/", login).status >= 400
    assert member.post("/admin/unlock/", {"passphrase": member.desk["passphrase"]}).status >= 400


def killed_in_flight(server, secrets):
    """SIGKILL the whole server while tips and a large picture are on their way."""
    resident, picture = Resident(server.port), large_picture(secrets)
    fields = {"token": resident.start({"what": secrets.new("a tip in flight")}).fields["token"]}
    with (
        load(server.port, clients=0, senders=3) as ledger,
        repeated(
            [lambda: resident.post("/report/photos/", fields, [("photos", "a.jpg", picture)])]
        ),
    ):
        time.sleep(random.uniform(0.3, 0.6))
        server.kill()
    secrets["a tip in flight"] += ledger.unheard
