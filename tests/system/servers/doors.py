"""A machine with the real server and a real nginx, and readers who ask them."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from django.conf import settings

from newsroom.edition.nginx import Site, configuration
from tests.newsroom.edition.asking import Said
from tests.system.harness.server import free_port

PATIENCE = 30.0  # seconds


@dataclass(frozen=True)
class Door:
    """Where readers come in."""

    name: str
    port: int

    def ask(self, address, *, method="GET", **fields):
        """Return the answer to one request; fields are headers, `if_none_match="..."`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(
                method, address, headers={name.replace("_", "-"): fields[name] for name in fields}
            )
            answer = connection.getresponse()
            headers = answer.getheaders()
            assert len(headers) == len({name.lower() for name, _ in headers}), (
                f"a header is there twice: {headers}"
            )
            return Said(answer.status, dict(headers), answer.read())
        finally:
            connection.close()


def nginx_binary():
    """Return where nginx is; without it skip in a line, but never in CI."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None and os.environ.get("CI"):
        pytest.fail("CI needs nginx: apt-get install nginx-light")
    return found or pytest.skip("needs nginx: apt-get install nginx-light")


@contextmanager
def nginx(
    home,
    *,
    application,
    extra="",
    static=None,
    changed=lambda text: text,
    **facts,
):
    """Serve a home's editions, and its application on a port, with our configuration and `extra` in its server.

    `static` is another folder of styles than the site's, `changed` gives the configuration's text as it shall be, and
    `facts` are other ones of the site: without `plain` the door opens by TLS.
    """
    folder, port = home.path / "nginx", free_port()
    folder.mkdir(exist_ok=True)
    (folder / "extra.conf").write_text(extra)
    user = "user root; " if os.geteuid() == 0 else ""
    site = Site(
        name="127.0.0.1",
        application=f"127.0.0.1:{application}",
        state=str(home.state),
        static=str(static or settings.STATIC_ROOT),
        temporary=str(folder / "temporary"),
        error_log=str(folder / "error.log"),
        process=f"{user}worker_processes 1; daemon off; pid {folder}/nginx.pid;",
        extra=str(folder / "extra.conf"),
        plain=f"127.0.0.1:{port}",
    )
    text = configuration(settings.BASE_DIR / "deploy" / "nginx.conf.in", replace(site, **facts))
    (folder / "nginx.conf").write_text(changed(moved(text, port)))
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [nginx_binary(), "-c", str(folder / "nginx.conf")], stdout=output, stderr=output
        )
    try:
        await_port(port, alive=lambda: process.poll() is None, said=folder / "output")
        yield Door("nginx", port)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def moved(text, port):
    """Return a configuration that listens on ports of this machine alone, on this one in place of 443."""
    text = re.sub(r"\n +listen \[::\].*", "", text)
    for usual, own in ((443, port), (80, free_port())):
        text = re.sub(rf"listen {usual}\b", f"listen 127.0.0.1:{own}", text)
    return text


def await_port(port, *, alive, said):
    """Return when something listens."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and alive():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"nothing listens: {said.read_text()}")


def until(true, *, what):
    """Return the time (seconds) at which something has become true."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"{what}: this never came"
        time.sleep(0.01)
    return time.time()
