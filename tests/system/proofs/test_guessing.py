"""Guessing at the desk, all of it behind one address: no answer tells a name that exists from one that does not."""

import re
import secrets
from collections.abc import Callable

import pytest
from django.test import Client

from reports.admin import sign_in
from tests.factories import make_user

GUESSES = 8


def guess(name: str) -> list[tuple[int, str]]:
    """Return what a stranger is answered at each guess: status and page, but for the name and the form's own mark."""
    stranger, told = Client(), []
    for _ in range(GUESSES):
        typed = {"username": name, "password": "wrong", "code": "123456"}
        response = stranger.post("/admin/login/?next=/admin/", typed)
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
        told.append((response.status_code, page.replace(name, "")))
    return told


def differences() -> int:
    """Return at how many guesses a name that exists is answered otherwise than one that does not."""
    make_user("qwxknown", "Officer")
    pairs = zip(guess("qwxknown"), guess("qwxnobody"), strict=True)
    return sum(known != unknown for known, unknown in pairs)


@pytest.mark.proof(
    "guessing",
    "Who guesses passwords, codes or words is stopped, learns no name, and locks nobody out who worked here before",
    goal="0 answers differ",
)
def test_no_answer_tells_a_name_that_exists_from_one_that_does_not(
    roles: None, record_property: Callable[[str, object], None]
) -> None:
    found = differences()
    record_property("figure", f"{found} of {GUESSES} answers differ between names")
    assert found == 0


@pytest.mark.proof("guessing", control=True)
def test_control_where_only_known_names_are_counted_the_answers_tell(
    roles: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = sign_in.name_to_keep

    def only_known(request: object, credentials: dict[str, str]) -> str:
        name = kept(request, credentials)  # type: ignore[arg-type]
        return secrets.token_hex(8) if name.startswith("unknown ") else name

    monkeypatch.setattr(sign_in, "name_to_keep", only_known)
    assert differences() > 0
