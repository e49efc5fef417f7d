"""What the site asks over the network about its own health: the certificate that visitors see, the mail server."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from reports.domain import desk
from reports.domain.health import heartbeat, machine, mail

NOW = datetime(2026, 11, 26, 10, 7, tzinfo=UTC)
ENDS = datetime(2026, 12, 3, 12, 30, tzinfo=UTC)


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


class Smtp(socketserver.StreamRequestHandler):
    """Speaks as much SMTP as asking takes; what it answers to each word is the server's to say."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line.split()[0].decode().upper()
            self.server.said.append(line.decode().strip())  # type: ignore[attr-defined]
            self.wfile.write(self.server.answers.get(word, "250 fine").encode() + b"\r\n")  # type: ignore[attr-defined]
            if word == "QUIT":
                return


@pytest.fixture
def server(settings: Settings) -> Iterator[socketserver.ThreadingTCPServer]:
    """Serve mail on a port of this machine, and let the site use it."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp) as running:
        running.answers, running.said = {}, []  # type: ignore[attr-defined]
        options = {"host": "127.0.0.1", "port": running.server_address[1], "timeout": 5}
        settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
        settings.MAIL_HOST = "127.0.0.1"
        desk.save_profile(desk.Profile(duty_email="duty@example.org"))
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield running
        running.shutdown()


def takes_mail(minute: int) -> bool:
    """Ask when it is so many minutes past NOW, and return whether the mail server took mail when it last was asked."""
    mail.ask(now=NOW + timedelta(minutes=minute))
    found = heartbeat.read().mail
    return found.get("reached", "") > found.get("unreached", "")


def test_a_mail_server_is_asked_each_hour_and_gets_no_message(server) -> None:
    assert all(takes_mail(minute) for minute in (0, 1, 59, 60))
    words = [line.split()[0].upper() for line in server.said]
    assert words.count("MAIL") == 2
    assert "rcpt to:<duty@example.org>" in map(str.lower, server.said)
    assert "DATA" not in words


@pytest.mark.parametrize("word", ["MAIL", "RCPT"])
def test_a_mail_server_that_refuses_us_or_the_duty_person_is_noticed(server, word: str) -> None:
    server.answers[word] = "550 go away"
    assert not takes_mail(0)
    server.answers[word] = "450 later, as greylisting says"
    assert not takes_mail(14), "no flood of wrong passwords"
    assert takes_mail(15)
