"""Some threads of each process never wait for the database: what asks it is refused before they do."""

import threading
from contextlib import ExitStack
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client

from reports.domain import database_threads, mailbox
from reports.domain.errors import Unreachable
from reports.sealing import receipts

pytestmark = pytest.mark.django_db


@pytest.fixture
def all_wait(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let every place be taken by somebody who waits for the database."""
    monkeypatch.setattr(database_threads, "_places", threading.BoundedSemaphore(2))
    with ExitStack() as waiting:
        assert [waiting.enter_context(database_threads.place()) for _ in range(3)] == [True, True, False]
        yield waiting


def test_the_desk_and_the_mailbox_say_so_and_the_form_answers(all_wait: ExitStack, phrase: str) -> None:
    desk = Client().get("/admin/login/")
    assert desk.status_code == 503
    assert "no-store" in desk.headers["Cache-Control"]
    assert "The desk is busy" in desk.text
    with pytest.raises(Unreachable, match="cannot look into the mailbox"):
        mailbox.look(token=receipts.new_token())
    assert Client().get("/report/").status_code == 200
    all_wait.close()
    assert Client().get("/admin/login/").status_code == 200, "a place that is given back is free"
    assert mailbox.look(token=receipts.new_token()) is None


def test_who_signs_in_meanwhile_loses_nothing_and_is_told_nothing_that_is_for_senders(
    all_wait: ExitStack, officer: User
) -> None:
    client, typed = Client(), {"username": "olu", "password": "olu-password"}
    refused = client.post("/admin/login/?next=/admin/", typed)
    assert refused.status_code == 503
    assert "many people sign in at this moment" in refused.text
    assert "send the form again, say yes: what you typed goes with it." in " ".join(refused.text.split())
    assert not any(words in refused.text for words in ("receipt", "Sending the same words", "olu"))
    all_wait.close()
    assert "That user name and password do not belong together" not in client.post("/admin/login/", typed).text
    assert AccessAttempt.objects.count() == 0


def test_a_quarter_of_the_threads_is_left_to_the_form(settings: Any) -> None:
    assert settings.DATABASE_THREADS == 24
