"""Files that show what somebody did here: no browser stores those that only senders fetch."""

import re

import pytest

from reports.domain.intake import receiving
from reports.sealing import receipts

FILE = re.compile(r'"(/static/[^"?#]+)"')


def cache_of(browser, address):
    return browser.head(address).headers.get("Cache-Control", "")


@pytest.mark.promise("sender")
def test_files_that_only_senders_fetch_are_stored_in_no_browser(
    db, client, key_file, wait, settings
):
    """No browser stores the files that only senders fetch."""
    settings.WHITENOISE_USE_FINDERS = True  # as in a demonstration: nothing is collected here
    slip = receiving.issue()
    typed = {"what": "A grey van.", "token": slip.token, "issued": slip.issued, "mark": slip.mark}
    check = client.post("/report/check/", typed)
    wait()
    receipt = client.post("/report/receipt/", typed)
    assert receipt.status_code == 200
    words = client.get("/mailbox/")
    opened = client.post("/mailbox/", {"words": " ".join(receipts.words(slip.token))})
    others = "".join(client.get(path).text for path in ("/", "/about/staying-safe/", "/report/"))
    of_all = set(FILE.findall(others))
    of_senders = {
        file for page in (check, receipt, words, opened) for file in FILE.findall(page.text)
    } - of_all
    assert {"/static/words.txt", "/static/js/pictures.js", "/static/js/receipt.js"} <= of_senders
    assert {cache_of(client, file) for file in of_senders} == {"no-store"}
    assert "no-store" not in {cache_of(client, file) for file in of_all}
