"""Receiving: one receipt for one content, nothing refused for looking automated, nothing acknowledged unstored."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from reports.domain import state_files
from reports.domain.errors import NotReceived
from reports.domain.intake import outbox, receiving
from reports.domain.intake.rate_limit import RateLimit
from reports.models import Entry, Tip
from reports.sealing import receipts

TOKEN = "AAAAAAAAAAAAAAB"

pytestmark = pytest.mark.usefixtures("passphrase")


@pytest.mark.promise("receiving")
def test_same_token_and_answers_is_the_same_receipt_and_one_tip():
    """The same token and answers from one page give the same receipt and one tip."""
    mark = receiving.issue(token=TOKEN).mark
    first = receiving.accept(token=TOKEN, answers={"what": "A red car.\r\n"}, mark=mark)
    again = receiving.accept(token=TOKEN, answers={"what": " A red car.\n", "place": ""}, mark=mark)
    outbox.drain()
    receiving.accept(token=TOKEN, answers={"what": "A red car."}, mark=mark)
    outbox.drain()
    assert first == again == receiving.Receipt(TOKEN, receipts.words(TOKEN))
    assert (Tip.objects.count(), Entry.objects.count()) == (1, 1)


def test_changed_answers_are_a_follow_up_to_the_same_tip():
    receiving.accept(token=TOKEN, answers={"what": "A red car."})
    receiving.accept(token=TOKEN, answers={"what": "A red car, and a blue one."})
    outbox.drain()
    assert (Tip.objects.count(), Entry.objects.count()) == (1, 2)


@pytest.mark.parametrize("token", ["", "short", "A" * 16, "AAAAAAA AAAAAAA", "<script>alert()"])
def test_missing_or_malformed_token_gets_a_fresh_one(token):
    receipt = receiving.accept(token=token, answers={"what": "A red car."})
    assert receipts.is_token(receipt.token)
    assert receipt.token != token
    assert len(outbox.waiting()) == 1


@pytest.mark.parametrize(
    ("answers", "urgent"),
    [
        ({"danger": "yes"}, True),
        ({"under_18": True}, True),
        ({"danger": "unsure"}, False),
        ({"danger": "no"}, False),
    ],
)
def test_danger_and_under_18_set_the_urgent_bit_before_sealing(answers, urgent):
    receiving.accept(token=TOKEN, answers={"what": "A red car.", **answers})
    (name,) = outbox.waiting()
    assert outbox.OutboxEntry.from_bytes((outbox.folder() / name).read_bytes()).urgent is urgent


@pytest.mark.promise("keys", name="nowhere-in-clear")
def test_outbox_file_holds_no_word_of_the_tip():
    """What lies in the outbox holds no word of the tip."""
    receiving.accept(
        token=TOKEN, answers={"what": "xylophone-marker", "contact_details": "second-marker"}
    )
    (name,) = outbox.waiting()
    data = (outbox.folder() / name).read_bytes()
    assert b"xylophone" not in data
    assert b"second" not in data
    assert TOKEN.encode() not in data


def test_without_a_usable_desk_key_nothing_is_acknowledged():
    (state_files.folder() / "desk.pub").write_text("age1nonsense")
    with pytest.raises(NotReceived):
        receiving.accept(token=TOKEN, answers={"what": "A red car."})
    (state_files.folder() / "desk.pub").unlink()
    with pytest.raises(NotReceived):
        receiving.send_photos(token=TOKEN, pictures=[b"jpeg"])
    assert outbox.waiting() == []


def test_without_a_mark_nothing_that_came_before_is_the_same():
    for _time in range(2):
        receiving.accept(token=TOKEN, answers={"what": "A red car."})
        receiving.send_photos(token=TOKEN, pictures=[b"one"])
        receiving.reply(token=TOKEN, text="Yes.", after=1)
    outbox.drain()
    assert (Tip.objects.count(), Entry.objects.count()) == (1, 6)


def test_no_two_pages_of_one_moment_have_the_same_mark(time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    marks = {receiving.issue(token=TOKEN).mark for _page in range(50)} | {
        receiving.photo_mark(TOKEN) for _page in range(50)
    }
    assert len(marks) == 100


def test_photos_are_a_follow_up_and_the_same_photos_of_one_page_once():
    mark = receiving.photo_mark(TOKEN)
    receiving.accept(token=TOKEN, answers={"what": "A red car."})
    receiving.send_photos(token=TOKEN, pictures=[b"one", b"two"], mark=mark)
    receiving.send_photos(token=TOKEN, pictures=[b"one", b"two"], mark=mark)
    outbox.drain()
    assert (Tip.objects.count(), Entry.objects.count()) == (1, 2)


def test_receipt_wakes_the_drainer_where_the_settings_say_so(settings, monkeypatch):
    woken = []
    settings.DRAIN_AFTER_RECEIPT = True
    monkeypatch.setattr(outbox, "wake", lambda: woken.append(True))
    receiving.accept(token=TOKEN, answers={"what": "A red car."})
    assert woken == [True]


class TestSuspicions:
    def page(self, *, age):
        """Return a form that was issued `age` seconds ago."""
        with time_machine.travel(timedelta(seconds=-age)):
            return receiving.issue()

    @pytest.mark.parametrize(
        ("age", "expected"),
        [(0, ("too-fast",)), (30, ()), (23 * 3600, ()), (25 * 3600, ("stale",))],
    )
    def test_age(self, age, expected):
        page = self.page(age=age)
        assert self.ask(page) == expected

    def ask(self, page, **changes):
        """Return the suspicions about a form, with some of its fields changed."""
        fields = {"token": page.token, "issued": str(page.issued), "mark": page.mark, "website": ""}
        return receiving.suspicions(**(fields | changes))

    def test_filled_trap(self):
        assert self.ask(self.page(age=30), website="http://x") == ("filled-trap",)

    @pytest.mark.parametrize(
        "changes",
        [
            {"mark": ""},
            {"mark": "é"},
            {"issued": "later"},
            {"issued": "9" * 30},
            {"token": TOKEN},
            {"issued": "199994"},
        ],
    )
    def test_any_changed_field_breaks_the_mark(self, changes):
        page = self.page(age=60)
        assert self.ask(page) == ()
        assert self.ask(page, **changes) == ("no-mark",)


class TestPhotoMark:
    def test_holds_for_its_own_token_only(self):
        mark = receiving.photo_mark(TOKEN)
        assert receiving.may_send_photos(token=TOKEN, mark=mark) is True
        assert receiving.may_send_photos(token="AAAAAAAAAAAAAAC", mark=mark) is False
        assert receiving.may_send_photos(token="", mark=receiving.photo_mark("")) is False

    def test_a_flood_turns_photos_off_first(self, monkeypatch):
        monkeypatch.setattr(receiving, "_photo_limit", RateLimit(rate=0, burst=2))
        mark = receiving.photo_mark(TOKEN)
        taken = [receiving.may_send_photos(token=TOKEN, mark=mark) for _ in range(3)]
        assert taken == [True, True, False]
        assert receiving.may_send_photos(token=TOKEN, mark=mark, has_file=False) is True

    def test_only_what_has_a_file_takes_from_the_limit(self, monkeypatch):
        monkeypatch.setattr(receiving, "_photo_limit", RateLimit(rate=0, burst=1))
        mark = receiving.photo_mark(TOKEN)
        empty = [
            receiving.may_send_photos(token=TOKEN, mark=mark, has_file=False) for _ in range(3)
        ]
        assert empty == [True, True, True]
        assert receiving.may_send_photos(token=TOKEN, mark=mark) is True
