"""The scanner finds text in each dress, and nothing where nothing is."""

import base64
import gzip
import html
import json
import os
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import pytest
from django.core import signing

from tests.system.proofs.hunt import Hunter

SECRET = "qvxkzjwpml"
WORDY = "Zażółć gęślą/jaźń “ü” & <b> 100%"
NOISE = os.urandom(3000)
LINE = "x" * 41

DRESSES: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-32": lambda text: text.encode("utf-32"),
    "utf-32-be": lambda text: text.encode("utf-32-be"),
    "hex": lambda text: text.encode().hex().encode(),
    "HEX": lambda text: text.encode().hex().upper().encode(),
    "url": lambda text: quote(text).encode(),
    "form": lambda text: urlencode({"field": text}).encode(),
    "plus": lambda text: quote_plus(text).encode(),
    "JSON": lambda text: json.dumps({"what": text}).encode(),
    "JSON, not ASCII": lambda text: json.dumps({"what": text}, ensure_ascii=False).encode(),
    "JSON in JSON": lambda text: json.dumps(json.dumps({"what": text})).encode(),
    "Python": lambda text: repr({"what": text}).encode(),
    "Python bytes": lambda text: repr({"what": text.encode()}).encode(),
    "HTML": lambda text: html.escape(text).encode(),
    "zlib": lambda text: zlib.compress(f"{LINE}{text}{LINE}".encode()),
    "zlib, best": lambda text: zlib.compress(f"{LINE}{text}{LINE}".encode(), 9),
    "gzip": lambda text: gzip.compress(f"{LINE}{text}{LINE}".encode()),
    "zlib in base64": lambda text: base64.urlsafe_b64encode(zlib.compress(f"{LINE}{text}".encode())).rstrip(b"="),
    "gzip of utf-16 in hex": lambda text: gzip.compress(text.encode("utf-16")).hex().encode(),
    "a Django session": lambda text: signing.dumps({"keys": [LINE, text], "more": LINE * 3}, compress=True).encode(),
}


@pytest.mark.parametrize("secret", [SECRET, WORDY], ids=["letters", "all sorts"])
@pytest.mark.parametrize("dress", DRESSES.values(), ids=DRESSES)
def test_a_secret_is_found_in_each_dress(dress: Callable[[str], bytes], secret: str) -> None:
    data = NOISE + b"\n" + dress(secret) + b"\n" + NOISE
    assert {find.secret for find in Hunter({"it": secret}).look(data, "here")} == {"it"}


def test_a_secret_is_found_in_base64_at_each_phase_and_in_a_stream_that_was_cut() -> None:
    hunter = Hunter({"it": WORDY, "other": SECRET})
    for before in range(6):
        coded = base64.urlsafe_b64encode(b"?" * before + WORDY.encode() + b"~~~")
        assert hunter.look(b"abcdef"[:before] + coded, "glued to what stands before")
    assert hunter.look(NOISE + zlib.compress(SECRET.encode() + os.urandom(5000))[:2000] + NOISE, "here")


def test_a_file_name_and_a_value_that_sqlite_keeps_in_pieces_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE django_session (key TEXT, data TEXT)")
        data = signing.dumps([base64.b64encode(os.urandom(9000)).decode(), SECRET], compress=True)
        database.execute("INSERT INTO django_session VALUES (?, ?)", ("k" * 32, data))
    database.close()
    (tmp_path / f"upload-{SECRET}.jpg").touch()
    places = {find.place for find in Hunter({"it": SECRET}).look_everywhere(tmp_path)}
    assert places >= {f"{path}, django_session.data", f"the name of {tmp_path / f'upload-{SECRET}.jpg'}"}


def test_noise_holds_nothing() -> None:
    hunter = Hunter({"it": SECRET, "words": WORDY})
    assert hunter.look(os.urandom(300_000) + base64.b64encode(os.urandom(30_000)), "noise") == set()
