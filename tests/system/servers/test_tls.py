"""What TLS agrees on with nginx, as deploy/ configures it."""

import os
import re
import subprocess
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.utils import timezone

from reports.domain.health.certificate import of_the_site
from tests.system.deploy.machine import NAME, certificate
from tests.system.harness.homes import Home
from tests.system.harness.server import free_port
from tests.system.servers.doors import nginx

HYBRID = "X25519MLKEM768"
OFFERED = f"*{HYBRID}:*X25519:P-256"  # as browsers do, with a key for each of the first two


@contextmanager
def serving(folder, changed=lambda text: text, *, name="127.0.0.1"):
    """Serve nothing, by TLS."""
    certificate(folder, (name,))
    facts = {
        "name": name,
        "plain": "",
        "certificate": f"{folder}/fullchain.pem",
        "key": f"{folder}/privkey.pem",
    }
    with nginx(Home(folder), application=free_port(), changed=changed, **facts) as door:
        yield door


def agreed(door):
    """Return the group that a session's keys come from, in a list; an empty one if none is agreed on."""
    listed = subprocess.run(
        ["openssl", "list", "-tls-groups"], capture_output=True, text=True, check=False
    )
    if HYBRID not in listed.stdout:
        what = f"needs OpenSSL 3.5, as Debian 13 has it: the openssl of this machine does not know {HYBRID}"
        pytest.fail(f"CI {what}") if os.environ.get("CI") else pytest.skip(what)
    command = [
        "openssl",
        "s_client",
        "-connect",
        f"127.0.0.1:{door.port}",
        "-servername",
        "127.0.0.1",
    ]
    command += ["-tls1_3", "-groups", OFFERED]
    said = subprocess.run(
        command, input="", capture_output=True, text=True, check=False, timeout=30
    )
    # Of a group that is no hybrid, openssl says only which key the server sent.
    return re.findall(r"(?m)^(?:Negotiated TLS1\.3 group|Peer Temp Key): ([^,\s]+)", said.stdout)


@pytest.mark.proof("tls", goal=f"{HYBRID} is agreed on")
def test_what_is_recorded_today_stays_shut_to_a_quantum_computer(tmp_path, record_property):
    """With a browser that knows X25519MLKEM768 our nginx agrees on it: no later quantum computer opens a recording."""
    with serving(tmp_path) as door:
        found = agreed(door)
    record_property("figure", f"agreed on {', '.join(found) or 'nothing'}")
    assert found == [HYBRID]


@pytest.mark.proof("tls", control=True)
def test_control_a_server_that_knows_x25519_alone_is_noticed(tmp_path):
    alone = "ssl_session_tickets off;\n    ssl_ecdh_curve X25519;"
    with serving(tmp_path, lambda text: text.replace("ssl_session_tickets off;", alone)) as door:
        assert agreed(door) == ["X25519"]


def test_the_dates_of_the_certificate_are_read_though_nobody_proves_it(tmp_path, monkeypatch):
    with serving(tmp_path, name=NAME) as door:
        monkeypatch.setattr(settings, "HTTPS", True)
        monkeypatch.setattr(settings, "SITE_ORIGIN", f"https://{NAME}:{door.port}")
        validity = of_the_site()
    assert of_the_site() is None, "nothing answers any more"
    assert validity is not None
    of_the_file = subprocess.run(
        ["openssl", "x509", "-in", f"{tmp_path}/fullchain.pem", "-noout", "-enddate", "-dateopt", "iso_8601"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert of_the_file.strip() == f"notAfter={validity.ends:%Y-%m-%d %H:%M:%SZ}"
    assert validity.begins < timezone.now() < validity.ends
