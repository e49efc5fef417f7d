"""Whether mail would arrive is asked of the server each hour, so that it is known before something urgent comes."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from reports.domain import desk
from reports.domain.health import heartbeat, mail
from reports.domain.health.examination import found

NOW = datetime(2026, 11, 26, 10, 7, tzinfo=UTC)


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


def causes() -> set[str]:
    return {str(cause) for cause in found(beat=heartbeat.read(), now=NOW, failed=(), held=False)}


@pytest.mark.django_db
class TestAsking:
    def test_a_server_that_takes_mail_is_asked_each_hour_and_gets_no_message(self, phrase: str, server) -> None:
        for minute in (0, 1, 59, 60):
            mail.ask(now=NOW + timedelta(minutes=minute))
        words = [line.split()[0].upper() for line in server.said]
        assert words.count("MAIL") == 2
        assert "rcpt to:<duty@example.org>" in map(str.lower, server.said)
        assert "DATA" not in words
        assert "mail" not in causes()

    @pytest.mark.parametrize("word", ["MAIL", "RCPT"])
    def test_a_server_that_refuses_us_or_the_duty_person_is_told_before_anything_urgent_comes(
        self, phrase: str, server, word: str
    ) -> None:
        server.answers[word] = "550 go away"
        mail.ask(now=NOW)
        assert "mail" in causes()
        server.answers.clear()
        mail.ask(now=NOW + timedelta(minutes=14))
        assert "mail" in causes(), "no flood of wrong passwords"
        mail.ask(now=NOW + timedelta(minutes=15))
        assert "mail" not in causes()

    def test_a_server_that_says_later_takes_mail(self, phrase: str, server) -> None:
        server.answers["RCPT"] = "450 greylisted"
        mail.ask(now=NOW)
        assert "mail" not in causes()

    def test_a_server_that_is_not_there(self, phrase: str, settings: Settings, server) -> None:
        settings.MAILERS["default"]["OPTIONS"]["port"] = 1
        mail.ask(now=NOW)
        assert "mail" in causes()

    def test_without_a_mail_server_nothing_is_asked(self, phrase: str) -> None:
        mail.ask(now=NOW)
        assert heartbeat.read().mail == {}


def test_the_operator_is_told_and_without_one_the_duty_person(settings: Settings) -> None:
    assert mail.operators() == []
    desk.save_profile(desk.Profile(duty_email="duty@example.org"))
    assert mail.operators() == ["duty@example.org"]
    settings.MAIL_OPERATOR = "it@example.org"
    assert mail.operators() == ["it@example.org"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("notes", "stands"),
    [
        ([(False, 0)], True),
        ([(False, 0), (True, 1)], False),
        ([(True, 0), (False, 0)], True),
        ([(True, 1), (False, 0)], False),
        ([], False),
    ],
)
def test_a_refused_notice_is_told_until_one_goes_out(
    phrase: str, notes: list[tuple[bool, int]], stands: bool, send: Callable[..., object]
) -> None:
    for sent, minute in notes:
        mail.note(sent=sent, now=NOW + timedelta(minutes=minute))
    assert ("refused" in causes()) is stands
