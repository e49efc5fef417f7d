"""What maintenance asks the mail server."""

import socketserver
import threading
from datetime import UTC, datetime, timedelta

import pytest

from reports.domain import state_files
from reports.domain.health import heartbeat, mail

NOW = datetime(2026, 11, 26, 10, 7, tzinfo=UTC)


class Smtp(socketserver.StreamRequestHandler):
    """Speaks as much SMTP as asking takes; what it answers to each word is the server's to say."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line.split()[0].decode().upper()
            self.server.said.append(line.decode().strip())  # type: ignore[attr-defined]
            self.wfile.write(self.server.answers.get(word, "250 fine").encode() + b"\r\n")  # type: ignore[attr-defined]
            if word == "QUIT":
                return


@pytest.fixture
def server(settings):
    """Serve mail on a port of this machine, and let the site use it."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp) as running:
        running.answers, running.said = {}, []  # type: ignore[attr-defined]
        options = {"host": "127.0.0.1", "port": running.server_address[1], "timeout": 5}
        settings.MAILERS = {
            "default": {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": options,
            }
        }
        settings.MAIL_HOST = "127.0.0.1"
        state_files.save_profile(state_files.Profile(duty_email="duty@example.org"))
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield running
        running.shutdown()


def takes_mail(minute):
    """Ask when it is so many minutes past NOW, and return whether the mail server took mail when it last was asked."""
    mail.ask(now=NOW + timedelta(minutes=minute))
    found = heartbeat.read().mail
    return found.get("reached", "") > found.get("unreached", "")


def test_a_mail_server_is_asked_each_hour_and_gets_no_message(server):
    assert all(takes_mail(minute) for minute in (0, 1, 59, 60))
    words = [line.split()[0].upper() for line in server.said]
    assert words.count("MAIL") == 2
    assert "rcpt to:<duty@example.org>" in map(str.lower, server.said)
    assert "DATA" not in words


@pytest.mark.parametrize("word", ["MAIL", "RCPT"])
def test_a_mail_server_that_refuses_us_or_the_duty_person_is_noticed(server, word):
    server.answers[word] = "550 go away"
    assert not takes_mail(0)
    server.answers[word] = "450 later, as greylisting says"
    assert not takes_mail(14), "no flood of wrong passwords"
    assert takes_mail(15)
