"""The scanner finds text in each dress, and nothing where nothing is."""

import base64
import gzip
import html
import json
import os
import zlib
from urllib.parse import quote, quote_plus, urlencode

import pytest
from django.core import signing

from tests.system.proofs.hunt import Hunter

SECRET = "qvxkzjwpml"
WORDY = "Zażółć gęślą/jaźń “ü” & <b> 100%"
URDU = "سفید وین ظہر کے بعد آتی ہے؟ “ڈ” & <b> ۱۰۰٪"
NOISE = os.urandom(3000)
LINE = "x" * 41

DRESSES = {
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
    "zlib in base64": lambda text: base64.urlsafe_b64encode(
        zlib.compress(f"{LINE}{text}".encode())
    ).rstrip(b"="),
    "gzip of utf-16 in hex": lambda text: gzip.compress(text.encode("utf-16")).hex().encode(),
    "a Django session": lambda text: signing.dumps(
        {"keys": [LINE, text], "more": LINE * 3}, compress=True
    ).encode(),
}


@pytest.mark.parametrize("secret", [SECRET, WORDY, URDU], ids=["letters", "all sorts", "Urdu"])
@pytest.mark.parametrize("dress", DRESSES.values(), ids=DRESSES)
def test_a_secret_is_found_in_each_dress(dress, secret):
    data = NOISE + b"\n" + dress(secret) + b"\n" + NOISE
    assert {find.secret for find in Hunter({"it": secret}).look(data, "here")} == {"it"}


def test_noise_holds_nothing():
    hunter = Hunter({"it": SECRET, "words": WORDY})
    assert hunter.look(os.urandom(300_000) + base64.b64encode(os.urandom(30_000)), "noise") == set()
