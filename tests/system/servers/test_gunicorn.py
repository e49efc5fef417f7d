"""What gunicorn itself believes, and what it writes."""

from tests.system.harness.facts import until
from tests.system.harness.homes import marker
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server

ELSEWHERE = "/elsewhere"
APPEAL = "milton-keynes-drug-warrants"


def test_the_server_takes_no_header_for_where_the_site_begins(prepared):
    with Server(prepared, WORKERS="1") as server:
        stranger, next_one = (
            Resident(server.port, headers={"SCRIPT_NAME": ELSEWHERE}),
            Resident(server.port),
        )
        answers = stranger.get(f"{ELSEWHERE}/report/"), next_one.get("/report/")
    assert [answer.status for answer in answers] == [404, 200]
    assert ELSEWHERE not in answers[1].text


def test_an_appeal_has_its_own_form_once_its_story_is_there(home):
    (home.state / "form.json").unlink()
    with Server(home, WORKERS="1") as server:
        until((home.state / "form.json").exists, "the form is told of the first edition")
        assert Resident(server.port).open_form(appeal=APPEAL).fields["appeal"] == APPEAL


def test_gunicorn_itself_writes_no_address(prepared):
    """An application fails outside Django."""
    secret = marker()
    prepared.log.write_text("")
    with Server(prepared, app="tests.system.proofs.broken:fails_outside_django()") as server:
        resident = Resident(server.port)
        assert [
            resident.get(path).status for path in (f"/{secret}/?{secret}", f"/news/{secret}/")
        ] == [500, 500]
    text = prepared.log.read_text()
    assert secret not in text
    assert "RuntimeError" in text
