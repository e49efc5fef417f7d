"""The machine: how full its disks are, and when the certificate ends that visitors are shown."""

import errno
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from reports.domain import desk
from reports.domain.health import heartbeat, machine
from reports.domain.intake import outbox

NOW = datetime(2026, 11, 26, 10, 7, tzinfo=UTC)
ENDS = datetime(2026, 12, 3, 12, 30, tzinfo=UTC)


def disk(monkeypatch: pytest.MonkeyPatch, *, bytes_free: int, files_free: int, files: int = 100) -> None:
    """Let every disk have so much of a hundred left."""
    space = SimpleNamespace(f_bavail=bytes_free, f_blocks=100, f_favail=files_free, f_files=files)
    monkeypatch.setattr(os, "statvfs", lambda path: space)


@pytest.mark.parametrize(
    ("bytes_free", "files_free", "files", "full"),
    [(50, 50, 100, False), (9, 50, 100, True), (50, 9, 100, True), (10, 10, 100, False), (50, 0, 0, False)],
)
def test_a_disk_is_full_when_bytes_or_files_run_out(
    monkeypatch: pytest.MonkeyPatch, bytes_free: int, files_free: int, files: int, full: bool
) -> None:
    disk(monkeypatch, bytes_free=bytes_free, files_free=files_free, files=files)
    assert machine.is_full() is full


def test_a_disk_takes_nothing_when_the_outbox_has_no_room_or_whoever_writes_is_told_so(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.full() == [], "the control"
    assert [path for path in state_dir.iterdir() if path.name.startswith(".")] == [], "what it tried is left"
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "ROOM", 1 << 62)
        assert machine.full() == [state_dir]
    for number, is_full in ((errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EROFS, False)):

        def refuse(*args: object, number: int = number) -> None:
            raise OSError(number, "no")

        with monkeypatch.context() as patch:
            patch.setattr(desk, "unfinished", refuse)
            assert machine.full() == [state_dir] * is_full


def certificate(folder: Path) -> Path:
    """Write a certificate for localhost that ends at ENDS, with its key, and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(ENDS - timedelta(days=90)).not_valid_after(ENDS)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path = folder / "certificate.pem"
    secret = key.private_bytes(encoding, form, serialization.NoEncryption())
    path.write_bytes(secret + made.sign(key, hashes.SHA256()).public_bytes(encoding))
    return path


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Serve TLS on a port of this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    client = server.accept()[0]
                    with suppress(OSError), context.wrap_socket(client, server_side=True) as secured:
                        secured.recv(1)

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_the_certificates_end_is_what_visitors_are_shown_though_nobody_vouches_for_it(
    port: int, settings: Settings
) -> None:
    settings.SITE_ORIGIN, settings.HTTPS = f"https://localhost:{port}", True
    machine.note_certificate(now=NOW)
    assert heartbeat.read().certificate == {"asked": heartbeat.stamp(NOW), "ends": heartbeat.stamp(ENDS)}


def test_it_is_asked_for_once_an_hour_and_of_the_name_where_this_machine_shows_none(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(address: tuple[str, int], timeout: float) -> socket.socket:
        asked.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(machine.socket, "create_connection", refuse)
    settings.SITE_ORIGIN, settings.HTTPS = "https://tips.example.org", True
    for minute in (0, 1, 59, 60):
        machine.note_certificate(now=NOW + timedelta(minutes=minute))
    assert asked == ["127.0.0.1", "tips.example.org"] * 2
    assert "ends" not in heartbeat.read().certificate


def test_a_site_without_https_has_none() -> None:
    machine.note_certificate(now=NOW)
    assert heartbeat.read().certificate == {}
