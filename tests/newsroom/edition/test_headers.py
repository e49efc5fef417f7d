"""The one list of headers is what Django itself sends, and nginx's file is made from it."""

import re
import ssl

import pytest
from django.conf import settings

from newsroom.edition import headers
from newsroom.edition.nginx import Site, configuration

DEPLOY = settings.BASE_DIR / "deploy"


def unguarded(text):
    """Return the locations that answer by themselves, and lack one of the headers or have it twice."""
    wanted = sorted(headers.every(https=False))
    lacking = []
    for name, body in re.findall(
        r"^ {8}location (.+?) {$(.*?)^ {8}}$", text, flags=re.MULTILINE | re.DOTALL
    ):
        found = re.findall(r"^ {12}add_header (\S+) .+ always;$", body, flags=re.MULTILINE)
        own = {"Strict-Transport-Security", "Vary", "Retry-After"}
        if (
            "proxy_pass" not in body
            and sorted(field for field in found if field not in own) != wanted
        ):
            lacking.append(name)
    return lacking


@pytest.mark.proof("headers")
def test_every_header_stands_in_every_location_that_nginx_answers_by_itself(
    settings,
):
    text = configuration(DEPLOY / "nginx.conf.in", Site())
    assert unguarded(text) == []
    twice = text.replace(
        "location /static/ {", 'location /static/ {\n            add_header X-New "yes" always;'
    )
    assert unguarded(twice) == ["/static/"]
    assert re.findall(r"@[A-Z_]+@?", text) == []
    settings.RESPONSE_HEADERS = settings.RESPONSE_HEADERS | {"X-New": 'csp="/reports/"'}
    assert unguarded(text) != []
    newer = configuration(DEPLOY / "nginx.conf.in", Site())
    assert unguarded(newer) == []
    assert newer.count(r'add_header X-New "csp=\"/reports/\"" always;') == text.count(
        "add_header X-Frame-Options "
    )


def test_a_header_that_nginx_would_change_is_refused(settings):
    settings.RESPONSE_HEADERS = {"X-Price": "$5"}
    with pytest.raises(ValueError, match="X-Price"):
        configuration(DEPLOY / "nginx.conf.in", Site())


def test_the_example_configuration_is_current():
    assert (DEPLOY / "nginx.conf").read_text() == configuration(DEPLOY / "nginx.conf.in", Site())


def test_only_ciphers_that_keep_past_sessions_secret_are_offered():
    text = (DEPLOY / "nginx.conf").read_text()
    (offered,) = re.findall(r"ssl_ciphers (\S+);", text)
    assert all(
        re.fullmatch(r"ECDHE-(ECDSA|RSA)-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)", one)
        for one in offered.split(":")
    )
    assert re.findall(r"ssl_protocols (.+);", text) == ["TLSv1.2 TLSv1.3"]
    known = {cipher["name"] for cipher in ssl.create_default_context().get_ciphers()}
    assert known.issuperset(offered.split(":"))
