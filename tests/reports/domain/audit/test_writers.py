"""Eight processes that write the record at once never fork it, on either engine."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.proofs.home import Home

WRITERS, EACH = 8, 25
WRITE = f"""
import django
django.setup()
from reports.domain import audit
for number in range({EACH}):
    if number % 10 == 0:
        audit.checkpoint(by=None, act="locked", key=bytes(32))
    else:
        audit.record(by=None, act="read", number=number)
"""


@pytest.mark.server
def test_eight_concurrent_writers_never_fork_the_record(home: Home) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda _: home.python("-c", WRITE), range(WRITERS)))
    said = home.manage("audit", "verify")
    assert said.startswith(f"The record is whole: {WRITERS * EACH} events, {WRITERS * 3} checkpoints.\n")
    cut = "from django.db import connection; connection.cursor().execute('DROP TABLE reports_auditevent')"
    home.manage("shell", "-c", cut)
    with pytest.raises(AssertionError, match="ended with 1"):  # the control
        home.manage("audit", "verify")
