"""What gunicorn itself believes, and what it writes."""

from tests.system.harness.home import Home, marker
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server

ELSEWHERE = "/elsewhere"


def test_the_server_takes_no_header_for_where_the_site_begins(prepared: Home) -> None:
    """The control is gunicorn as it comes: it believes any program on its own machine."""
    seen = {}
    for taken in ("", "SCRIPT_NAME,PATH_INFO"):
        with Server(prepared, *(["--forwarder-headers", taken] if taken else []), WORKERS="1") as server:
            stranger, next_one = Resident(server.port, headers={"SCRIPT_NAME": ELSEWHERE}), Resident(server.port)
            answers = stranger.get(f"{ELSEWHERE}/report/"), next_one.get("/report/")
            seen[taken] = [answer.status for answer in answers]
            assert ELSEWHERE not in answers[1].text
    assert seen == {"": [404, 200], "SCRIPT_NAME,PATH_INFO": [200, 200]}


def test_gunicorn_itself_writes_no_address(prepared: Home) -> None:
    """An application that fails outside Django; the control is gunicorn's own way of logging."""
    secret = marker()
    for arguments, is_written in (((), False), (("--config", "tests/system/proofs/stock_log.py"), True)):
        prepared.log.write_text("")
        with Server(prepared, *arguments, app="tests.system.proofs.broken:fails_outside_django()") as server:
            resident = Resident(server.port)
            for path in (f"/{secret}/?{secret}", f"/news/{secret}/"):
                assert resident.get(path).status == 500
        text = prepared.log.read_text()
        assert (secret in text) is is_written
        assert "RuntimeError" in text
