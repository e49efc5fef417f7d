"""What left is kept as it left: shown, made again, deleted with its tips, and compared with the event of the export."""

import json
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from reports.domain import key_rotation
from reports.domain.audit import staleness
from reports.domain.errors import Refused, Swapped
from reports.domain.keys import keyholders
from reports.domain.referrals import (
    changed_answer,
    contents,
    exported,
    own_words,
    police_referrals,
    second_reader,
)
from reports.domain.retention import schedule
from reports.domain.storage import deletion_records
from reports.domain.tips import opening
from reports.domain.tips.metadata import monday
from reports.models import AuditEvent, Entry, ExportedPart, Member, Referral
from reports.sealing import receipts
from tests.reports import handing, pictures, purging, telling
from tests.reports.handing import approve, make_ready, rewrite

OURS = "A van calls there nightly."


@pytest.fixture
def tips(caseworker, keys):
    """Return two tips that are ready, of which the first has a picture."""
    first = telling.tell("A grey van comes at nine.", police="yes", photos=[pictures.stored()])
    tips = [first, telling.tell("A red car.", police="yes")]
    for tip in tips:
        make_ready(tip, by=caseworker, keys=keys)
    return tips


@pytest.fixture
def referral(tips, caseworker, second, keys):
    """Return a referral of both tips, with the picture, that two have approved."""
    new = police_referrals.draft(tips=tips, by=caseworker, keys=keys)
    entry = tips[0].entries.latest("position")
    picture = second_reader.choose(referral=new, entry=entry, number=0, by=caseworker, keys=keys)
    opening.picture(entry=entry, number=0, by=second, keys=keys)
    second_reader.approve(picture=picture, by=second, keys=keys)
    for member in (caseworker, second):
        approve(new, by=member, keys=keys)
    return new


@pytest.fixture
def export(referral, caseworker, keys):
    return partial(handing.export, referral, by=caseworker, keys=keys)


def kept(referral, keys):
    content = contents.content(referral=referral, keys=keys)
    return exported.kept(referral=referral, content=content, keys=keys)


def texts(found):
    return (
        [report.document and report.document["text"] for report in found.reports] if found else []
    )


def delete(tip):
    """Let the schedule delete a tip, with the deletion records that follow the commit."""
    entries = [str(pk) for pk in tip.entries.values_list("pk", flat=True)]
    purging.decide(tip, status="no_action", week=monday(timezone.localdate() - timedelta(days=300)))
    assert schedule.delete_due(today=timezone.localdate()) == 1
    deletion_records.add_deleted(entries=entries, lookup=tip.lookup)


def test_what_left_stays_as_it_left_whatever_is_written_later(
    *,
    referral,
    tips,
    export,
    caseworker,
    keys,
):
    assert kept(referral, keys) is None
    file = export()
    rewrite(tips[0], by=caseworker, keys=keys, text="Number 41, not 14.")
    found = kept(referral, keys)
    assert found is not None
    assert contents.canonical(found.document) == file.data
    assert texts(found) == [OURS, OURS]
    assert (
        contents.content(referral=referral, keys=keys).document["reports"][0]["text"]
        == "Number 41, not 14."
    )
    assert not any(b"nightly" in bytes(part.sealed) for part in ExportedPart.objects.all())
    (event,) = AuditEvent.objects.filter(act="exported", subject=referral.reference)
    assert [name.split(" ")[0] for name in event.rows] == ["exportedpart"] * 3
    assert event.mac


def test_a_file_that_is_made_again_is_what_left(
    referral,
    tips,
    export,
    caseworker,
    keys,
):
    first = export()
    rewrite(tips[0], by=caseworker, keys=keys, text="Number 41, not 14.")
    assert export().data == first.data
    assert export(kind="pdf").data.startswith(b"%PDF")
    assert ExportedPart.objects.count() == 3
    details = AuditEvent.objects.filter(act="exported", subject=referral.reference).order_by("seq")
    assert [event.detail.get("again") for event in details] == [None, True, True]


class TestMadeAgain:
    """Making a file again takes all of today's checks."""

    @pytest.fixture
    def token(self):
        return receipts.new_token()

    @pytest.fixture
    def tip(self, token, caseworker, keys):
        tip = telling.tell("He sells it from a grey van at nine.", token=token, police="yes")
        make_ready(tip, by=caseworker, keys=keys, text="He sells it from a grey van at nine.")
        return tip

    @pytest.fixture
    def referral(self, tip, caseworker, second, keys):
        return handing.approved(tip, by=caseworker, second=second, keys=keys)

    def test_the_sender_wrote_again(self, token, export):
        export()
        telling.reply(token=token, text="It is 41.", after=0)
        with pytest.raises(Refused, match="The sender wrote again"):
            export()

    def test_the_sender_lets_only_our_words_out_now(self, tip, export, caseworker, keys):
        export()
        changed_answer.add(tip=tip, position=1, answer="words", by=caseworker, keys=keys)
        rewrite(tip, by=caseworker, keys=keys, text="Somebody deals there.")
        with pytest.raises(
            Refused, match="which are the sender’s own: “He sells it from a grey van at nine”"
        ):
            export()

    def test_the_senders_number_is_known_now(
        self,
        *,
        token,
        tip,
        export,
        caseworker,
        second,
        keys,
    ):
        export()
        telling.tell(
            "He sells.",
            token=token,
            police="yes",
            contact_details="I am Vanessa of the grey house.",
        )
        opening.read(tip=tip, by=caseworker, keys=keys)
        facts = {
            "position": 2,
            "seen": staleness.now(),
            "by": caseworker,
            "keys": keys,
        }
        own_words.still_holds(tip=tip, **facts)
        with pytest.raises(Refused, match="Something in our wording could show who sent it"):
            export()

    def test_one_of_the_approvers_has_no_access_any_more(self, tip, referral, export, second):
        export()
        Member.objects.filter(user=second).delete()
        with pytest.raises(Refused, match="It lacks two approvals by people who have access now"):
            export()
        assert (Referral.objects.get().status, referral.approvals.count()) == ("exported", 2)


def test_a_report_goes_with_its_tip_and_its_hash_stays(
    *,
    referral,
    tips,
    export,
    keys,
):
    left = json.loads(export().data)["content"]["reports"]
    hashes = [contents.sha256(contents.canonical(report)) for report in left]
    delete(tips[0])
    found = kept(referral, keys)
    assert found is not None
    assert texts(found) == [None, OURS]
    assert [report.sha256 for report in found.reports] == hashes
    assert ExportedPart.objects.count() == 2
    with pytest.raises(Refused, match="One of its tips was deleted, and what left of it"):
        export()
    delete(tips[1])
    assert (Referral.objects.count(), ExportedPart.objects.count()) == (0, 0)


def test_a_report_that_a_backup_brought_back_is_deleted_again(referral, tips, export, keys):
    export()
    entries = [str(pk) for pk in Entry.objects.filter(tip=tips[0]).values_list("pk", flat=True)]
    assert schedule.delete_again(entries=entries) == 1
    deletion_records.add_deleted(entries=entries, lookup=tips[0].lookup)
    assert texts(kept(referral, keys)) == [None, OURS]


@pytest.mark.parametrize(
    "change", ["swapped", "missing", "rest missing", "all missing", "another's"]
)
def test_what_somebody_changed_is_never_shown_as_what_left(
    *,
    change,
    referral,
    tips,
    export,
    keys,
):
    export()
    parts = {part.number: part for part in ExportedPart.objects.all()}
    if change == "swapped":
        ExportedPart.objects.filter(number=1).update(sealed=parts[2].sealed)
    elif change == "another's":
        ExportedPart.objects.filter(number=1).update(correction="sent")
    else:
        gone = {"missing": [1], "rest missing": [0], "all missing": [0, 1, 2]}[change]
        ExportedPart.objects.filter(number__in=gone).delete()
    with pytest.raises(Swapped, match="What we kept of what left was changed outside Streetlight"):
        kept(referral, keys)
    said = "what we kept of what left outside Streetlight."
    assert any(
        line.endswith(said) for line in contents.content(referral=referral, keys=keys).hindrances
    )
    with pytest.raises(Refused):
        export()


def test_a_picture_that_is_not_the_one_that_left_is_noticed(
    referral,
    tips,
    export,
    keys,
    monkeypatch,
):
    export()
    content = contents.content(referral=referral, keys=keys)
    monkeypatch.setattr(opening, "picture_held", lambda **_facts: pictures.stored(2))
    with pytest.raises(Swapped):
        exported.kept(referral=referral, content=content, keys=keys)


def test_what_left_before_is_shown_only_while_it_still_says_the_same(
    referral,
    tips,
    export,
    caseworker,
    keys,
):
    export()
    content = contents.content(referral=referral, keys=keys)
    assert texts(exported.as_it_stands(referral=referral, content=content)) == [OURS, OURS]
    rewrite(tips[0], by=caseworker, keys=keys, text="Another text.")
    content = contents.content(referral=referral, keys=keys)
    assert exported.as_it_stands(referral=referral, content=content) is None


@pytest.mark.engine
def test_a_new_desk_key_finds_what_left(
    referral,
    export,
    caseworker,
    passphrase,
    keys,
):
    file = export()
    caseworker.is_superuser = True
    caseworker.save()
    fresh = keyholders.rotate(by=caseworker, passphrase=passphrase)
    key_rotation.seal_again(by=caseworker, keys=fresh, seconds=60)
    assert set(ExportedPart.objects.values_list("key_index", flat=True)) == {fresh.index}
    found = kept(referral, fresh)
    assert found is not None
    assert contents.canonical(found.document) == file.data
