"""The receipt once more, for an entry of the history that has nothing of the tip: whatever its sender's form was."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.domain.intake import outbox, receiving
from reports.domain.intake.rate_limit import RateLimit
from reports.sealing import receipts
from tests.reports.markup import Page, assert_wired, hidden, slip
from tests.reports.views.test_photos import png

pytestmark = pytest.mark.usefixtures("key_file")
TOLD = {
    "what": "A zebra crossing at nine",
    "place": "Behind the shops",
    "people": "Tall",
    "contact": "07700 900123",
}
AGES = {"welcome": timedelta(minutes=1), "stale": timedelta(days=2), "suspect": timedelta()}


def carried(receipt):
    """Return what a receipt's form for showing it again carries."""
    inside = receipt.text.partition('<form id="again"')[2].partition("</form>")[0]
    return dict(re.findall(r'name="([^"]+)" value="([^"]*)"', inside))


def main_of(page):
    """Return what stands in a page, whether it is its sender's first or not."""
    main = page.text.partition("<main")[2].partition("</main>")[0].replace(" data-goes-on", "")
    return re.sub(r'name="mark" value="[^"]+"', "", main)  # each page has its own


@pytest.mark.parametrize("pictures", AGES)
@pytest.mark.parametrize("danger", ["", "unsure", "yes"])
def test_it_is_the_same_page_whatever_we_say_of_pictures(client, time_machine, pictures, danger):
    fields = slip(client)
    time_machine.move_to(AGES[pictures])
    receipt = client.post("/report/receipt/", fields | TOLD | {"danger": danger})
    again = client.post("/report/words/", carried(receipt))
    assert (again.status_code, main_of(again)) == (200, main_of(receipt))
    assert ("Do you have pictures?" in again.text) == (pictures == "welcome")
    assert ("The form was open for more than a day." in again.text) == (pictures == "stale")
    assert (
        '<form id="again" ' in again.text,
        "data-goes-on" in receipt.text,
        "data-goes-on" in again.text,
    ) == (
        True,
        True,
        False,
    )
    assert_wired(Page(again.text))
    assert len(outbox.waiting()) == 1


def test_what_it_is_shown_by_has_nothing_of_the_tip_but_whether_it_can_wait(client):
    fields = slip(client)
    receipt = client.post("/report/receipt/", fields | TOLD | {"danger": "yes"})
    mark = receiving.receipt_mark(fields["token"], pictures="suspect")
    assert carried(receipt) == {
        "token": fields["token"],
        "receipt": mark,
        "cannot-wait": "yes",
        "kept": "",
    }


def test_it_takes_no_file_and_none_of_the_pictures_turns(client, wait, monkeypatch):
    fields = slip(client)
    wait()
    receipt = client.post("/report/receipt/", fields | TOLD)
    monkeypatch.setattr(receiving, "_photo_limit", RateLimit(rate=0, burst=1))
    for _turn in range(3):
        assert (
            client.post("/report/words/", carried(receipt) | {"photos": [png()]}).status_code == 200
        )
    assert len(outbox.waiting()) == 1
    after = client.post("/report/photos/", hidden(receipt) | {"photos": [png()]})
    assert "We have your picture." in after.text


@pytest.mark.parametrize("mark", ["", "é", "0" * 32])
def test_a_mark_that_proves_nothing_still_shows_the_words_and_offers_no_pictures(client, mark):
    receipt = client.post("/report/receipt/", slip(client) | TOLD)
    again = client.post("/report/words/", carried(receipt) | {"receipt": mark})
    assert all(
        f"<li>{word}</li>" in again.text for word in receipts.words(carried(receipt)["token"])
    )
    assert "You cannot add pictures to this tip" in again.text
    assert "mark" not in hidden(again)


def test_words_that_are_kept_are_not_shown_again(client):
    receipt = client.post("/report/receipt/", slip(client) | TOLD)
    again = client.post("/report/words/", carried(receipt) | {"kept": "yes"})
    assert ("receipt-card" in again.text, carried(again)["kept"]) == (False, "yes")


def test_after_pictures_the_same_page_can_be_shown_again(client, wait):
    """So that neither the name of a file nor the mark of its page stays in the history."""
    fields = slip(client)
    wait()
    receipt = client.post("/report/receipt/", fields | TOLD)
    after = client.post("/report/photos/", hidden(receipt) | {"photos": [png(), png("car.png")]})
    assert carried(after) == carried(receipt) | {"sent": "2"}
    again = client.post("/report/words/", carried(after))
    assert (main_of(again), "We have your 2 pictures." in again.text) == (main_of(after), True)
    assert ("data-goes-on" in after.text, "data-goes-on" in again.text) == (True, False)


def test_a_picture_that_we_could_not_take_keeps_its_error(client, wait):
    fields = slip(client)
    wait()
    receipt = client.post("/report/receipt/", fields | TOLD)
    after = client.post(
        "/report/photos/",
        hidden(receipt) | {"photos": [png(), SimpleUploadedFile("car.png", b"no picture")]},
    )
    assert ("We have your picture." in after.text, "data-goes-on" in after.text) == (True, False)


@pytest.mark.parametrize("said", ["6", "0", "-1", "x", "²"])
def test_no_page_thanks_for_pictures_in_a_number_that_nobody_can_send(client, said):
    receipt = client.post("/report/receipt/", slip(client) | TOLD)
    assert "We have your" not in client.post(
        "/report/words/", carried(receipt) | {"sent": said}
    ).text.replace("We have your tip", "")


def test_another_site_shows_nobody_a_receipt(client):
    receipt = client.post("/report/receipt/", slip(client) | TOLD)
    for fields, headers in (
        (carried(receipt), {"Origin": "http://elsewhere.example"}),
        ({"token": "x"}, {}),
    ):
        answer = client.post("/report/words/", fields, headers=headers)
        assert (answer.status_code, answer["Location"]) == (302, "/report/")


def test_a_form_that_has_closed_since_hides_no_words(client, form_json):
    receipt = client.post("/report/receipt/", slip(client) | TOLD)
    form_json(line="closed")
    assert (
        "We have your tip. Keep these seven words."
        in client.post("/report/words/", carried(receipt)).text
    )


def test_a_fault_shows_the_words(client, key_file, monkeypatch):
    receipt = client.post("/report/receipt/", slip(client) | TOLD)

    def fail(**_facts):
        raise RuntimeError("a fault")

    monkeypatch.setattr(receiving, "pictures_of_receipt", fail)
    client.raise_request_exception = False
    answer = client.post("/report/words/", carried(receipt))
    assert answer.status_code == 500
    assert all(
        f"<li>{word}</li>" in answer.text for word in receipts.words(carried(receipt)["token"])
    )
    assert "we do not have your tip" not in answer.text
