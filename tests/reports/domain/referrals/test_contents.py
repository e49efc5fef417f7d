"""What keeps a referral from leaving: above all, what its sender says about the police."""

import base64
import uuid
from dataclasses import replace

import pytest

from reports.domain.audit import staleness
from reports.domain.errors import Refused
from reports.domain.people import accounts
from reports.domain.referrals import consent, contents, grading, police_referrals, second_reader
from reports.domain.tips import opening
from reports.models import AuditAct, AuditEvent, Entry, ReferralPicture, Tip
from reports.sealing import receipts
from tests.factories import make_user
from tests.reports import pictures, telling
from tests.reports.handing import GRADE, approve, draft_again, keyholder, make_ready

FIRST, SECOND = pictures.stored(1), pictures.stored(2)
TIP = "A grey van comes to the garages every night at nine."


@pytest.fixture
def problems(caseworker, keys):
    """Return a function that says what keeps a referral of a tip from leaving, without the tip's reference."""

    def found(tip, *, danger=""):
        referral = draft_again(tips=[tip], by=caseworker)
        referral = police_referrals.name_danger(
            referral=referral,
            ground="child" if danger else "",
            reason=danger,
            by=caseworker,
            keys=keys,
        )
        return [
            one.removeprefix(f"{tip.reference}: ")
            for one in contents.content(referral=referral, keys=keys).hindrances
        ]

    return found


@pytest.fixture
def ready(send, caseworker, keys):
    """Return a function that sends a tip and makes it ready."""

    def made(what=TIP, *, words=None, **answers):
        tip = send(what, **answers)
        make_ready(tip, by=caseworker, keys=keys, **(words or {}))
        return tip

    return made


def test_tip_as_it_came_may_not(send, problems):
    assert problems(send(police="yes")) == [
        "Its status cannot change to “Passed to the police”. Change it to “Undecided” first.",
        "Write our wording first.",
        "Grade it first. Choose what the information is worth, and a handling code.",
    ]


@pytest.mark.promise("police")
def test_no_keeps_it_here_unless_a_life_or_a_child_is_in_danger(ready, problems):
    """A "no" keeps it here unless a life or a child is in danger."""
    refused = (
        "The sender does not want us to tell the police. We may tell someone only if a life is at risk or a child may "
        "be in danger. Choose which, and write why."
    )
    tip = ready(police="no")
    assert problems(tip) == [refused]
    assert problems(tip, danger="A child is locked in there.") == []
    assert AuditEvent.objects.filter(act="danger-named", subject=tip.reference).count() == 1


def test_danger_can_be_taken_back(ready, caseworker, keys):
    referral = police_referrals.draft(tips=[ready(police="no")], by=caseworker, keys=keys)
    referral = police_referrals.name_danger(
        referral=referral, ground="child", reason="A child.", by=caseworker, keys=keys
    )
    assert b"child" not in bytes(referral.sealed)
    found = contents.content(referral=referral, keys=keys)
    assert (found.ground, found.ground_in_words, found.danger) == (
        "child",
        "A child may be in danger",
        "A child.",
    )
    for half in ({"ground": "child", "reason": " "}, {"ground": "", "reason": "A child."}):
        with pytest.raises(Refused):
            police_referrals.name_danger(referral=referral, **half, by=caseworker, keys=keys)
    referral = police_referrals.name_danger(
        referral=referral, ground="", reason=" ", by=caseworker, keys=keys
    )
    found = contents.content(referral=referral, keys=keys)
    assert (found.ground, found.ground_in_words, found.danger) == ("", "", "")
    acts = (
        AuditEvent.objects.filter(subject=referral.reference)
        .order_by("seq")
        .values_list("act", flat=True)
    )
    assert list(acts) == ["drafted-referral", "danger-named", "danger-taken-back"]


@pytest.mark.promise("police", control="test_with_a_yes_the_senders_words_may_stand")
@pytest.mark.parametrize("police", ["words", "no"])
def test_only_in_our_words_lets_no_quote_out(ready, problems, police):
    """ "Only in our words" lets no quote out in our wording."""
    tip = ready(police=police, words={"text": "They say a grey van comes to the garages."})
    said = (
        "The sender agreed to our wording only. Rewrite these words, which are the sender’s own: "
    )
    assert problems(tip, danger="A child.") == [f"{said}“a grey van comes to the garages”"]


def test_with_a_yes_the_senders_words_may_stand(ready, problems):
    assert problems(ready(police="yes", words={"text": TIP})) == []


def test_most_careful_answer_of_all_texts_counts(passphrase, caseworker, keys):
    token = receipts.new_token()
    for police in ("yes", "words", "no"):
        telling.tell(TIP, token=token, police=police)
        assert consent.police(opening.open_all(tip=Tip.objects.get(), keys=keys)) == police


def test_contact_leaves_in_its_own_field_and_only_with_a_yes(ready, problems):
    contact = {"contact": "details", "contact_details": "Marzena, 07700 900123"}
    words = {"contact": "Marzena, 07700 900123"}
    assert problems(ready(police="yes", words=words, **contact)) == []
    refused = (
        "Remove the contact details. The sender did not agree that we may pass them to the police."
    )
    for police in ("words", ""):
        assert problems(ready(police=police, words=words, **contact)) == [refused]
    assert problems(ready(police="yes", words={"text": "Key file 07700 900123."}, **contact)) == [
        "Something in our wording could show who sent it. Remove it, or say why it can stay."
    ]


def test_conditions_and_danger_are_looked_through_for_contact_too(
    ready, problems, caseworker, keys
):
    said = "The conditions or the danger include some of the sender’s contact details. Remove them."
    tip = ready(police="yes", contact_details="Marzena, 07700 900123")
    assert problems(tip, danger="Marzena is in danger.") == [said]
    conditional = GRADE | {"handling": "C", "conditions": "Phone 07700900123 first."}
    grading.grade(tip=tip, **conditional, seen=staleness.now(), by=caseworker, keys=keys)
    assert problems(tip) == [said]


def test_part_that_does_not_open_keeps_it_here(ready, problems):
    tip = ready(police="yes")
    facts = {"tag": "t", "received": tip.received, "key_index": 1}
    Entry.objects.create(id=uuid.uuid4(), tip=tip, sealed=b"rubbish", **facts)
    assert problems(tip) == [
        "We cannot read one part of this tip, so we do not know all that its sender said. Tell a team lead."
    ]


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({"status": "spam"}, False),
        ({"malicious": True}, True),
        ({"status": "passed_on"}, True),
        ({"status": "linked"}, True),
    ],
)
def test_status_must_lead_to_the_police(ready, caseworker, keys, changes, may):
    referral = police_referrals.draft(tips=[ready(police="yes")], by=caseworker, keys=keys)
    Tip.objects.update(**changes)
    assert (contents.content(referral=referral, keys=keys).hindrances == []) is may


def test_referral_of_several_tips_says_which_of_them_is_not_ready(ready, send, caseworker, keys):
    good, bad = ready(police="yes"), send(police="yes")
    found = contents.content(
        referral=police_referrals.draft(tips=[good, bad], by=caseworker, keys=keys), keys=keys
    )
    assert {one.split(":")[0] for one in found.hindrances} == {bad.reference}
    assert [report["number"] for report in found.document["reports"]] == [1, 2]


class TestPictures:
    """Photos only after a second reader confirms that they give nobody away."""

    @pytest.fixture
    def token(self):
        return receipts.new_token()

    @pytest.fixture
    def tip(self, passphrase, token, caseworker, keys):
        telling.tell(TIP, token=token, police="yes")
        telling.send_photos(token=token, pictures=[FIRST, SECOND])
        tip = Tip.objects.get()
        make_ready(tip, by=caseworker, keys=keys)
        return tip

    @pytest.fixture
    def entry(self, tip):
        return tip.entries.order_by("position").last()

    @pytest.mark.promise("police")
    def test_picture_leaves_only_once_a_second_reader_vouches(
        self, referral, entry, caseworker, second, keys
    ):
        """A picture leaves only once a second reader proves it."""
        picture = second_reader.choose(
            referral=referral, entry=entry, number=1, by=caseworker, keys=keys
        )
        said = f"{entry.tip.reference}: A second person must approve each picture."
        assert contents.content(referral=referral, keys=keys).hindrances == [said]
        newcomer = keyholder(make_user("ada", "Caseworker"))
        accounts.log_event(user=newcomer, by=newcomer, act=AuditAct.STARTED_AGAIN)
        for reader in (newcomer, second):
            opening.picture(entry=entry, number=1, by=reader, keys=keys)
        with pytest.raises(Refused, match="You can approve as a second person from"):
            second_reader.approve(picture=picture, by=newcomer, keys=keys)
        second_reader.approve(picture=picture, by=second, keys=keys)
        found = contents.content(referral=referral, keys=keys)
        assert found.hindrances == []
        assert found.document["reports"][0]["pictures"] == [base64.b64encode(SECOND).decode()]
        picture.refresh_from_db()
        assert (picture.chosen_by, picture.approved_by, str(picture)) == (caseworker, second, "1")
        assert (
            AuditEvent.objects.filter(act="approved-picture", subject=entry.tip.reference).count()
            == 1
        )

    def test_who_chose_it_or_has_not_looked_is_no_second_reader(
        self, referral, entry, caseworker, second, keys
    ):
        picture = second_reader.choose(
            referral=referral, entry=entry, number=0, by=caseworker, keys=keys
        )
        opening.picture(entry=entry, number=0, by=caseworker, keys=keys)
        with pytest.raises(Refused, match="someone else must approve it"):
            second_reader.approve(picture=picture, by=caseworker, keys=keys)
        opening.picture(entry=entry, number=1, by=second, keys=keys)
        with pytest.raises(Refused, match="Look at the whole picture"):
            second_reader.approve(picture=picture, by=second, keys=keys)

    @pytest.fixture
    def of_later(self, referral, token, caseworker, keys):
        """Return the first picture of a later arrival of the same tip, chosen for the referral."""
        telling.send_photos(token=token, pictures=[pictures.stored(3)])
        opening.open_new(by=caseworker, keys=keys)
        later = Entry.objects.order_by("position").last()
        return second_reader.choose(
            referral=referral, entry=later, number=0, by=caseworker, keys=keys
        )

    @pytest.mark.promise("police")
    def test_a_look_at_the_same_number_of_another_arrival_is_no_look(
        self, entry, of_later, second, keys
    ):
        """A second reader has looked at the very picture that they prove."""
        assert (entry.position, of_later.entry.position) == (2, 3)
        opening.picture(entry=entry, number=0, by=second, keys=keys)
        with pytest.raises(Refused, match="Look at the whole picture"):
            second_reader.approve(picture=of_later, by=second, keys=keys)
        opening.picture(entry=of_later.entry, number=0, by=second, keys=keys)
        second_reader.approve(picture=of_later, by=second, keys=keys)  # the control
        of_later.refresh_from_db()
        assert of_later.approved_by == second

    def test_choosing_or_leaving_out_voids_the_signatures(
        self, referral, entry, caseworker, second, keys
    ):
        approve(referral, by=caseworker, keys=keys)
        picture = second_reader.choose(
            referral=referral, entry=entry, number=0, by=caseworker, keys=keys
        )
        assert referral.approvals.count() == 0
        opening.picture(entry=entry, number=0, by=second, keys=keys)
        second_reader.approve(picture=picture, by=second, keys=keys)
        approve(referral, by=caseworker, keys=keys)
        for _ in range(2):
            picture.referral.refresh_from_db()
            second_reader.leave_out(picture=picture, by=caseworker, keys=keys)
        assert (referral.approvals.count(), ReferralPicture.objects.count()) == (0, 0)

    def test_picture_is_chosen_once_and_from_a_tip_of_the_referral(
        self, referral, entry, caseworker, send, keys
    ):
        second_reader.choose(referral=referral, entry=entry, number=0, by=caseworker, keys=keys)
        with pytest.raises(Refused, match="already in the referral"):
            second_reader.choose(referral=referral, entry=entry, number=0, by=caseworker, keys=keys)
        with pytest.raises(Refused, match="We cannot find this picture"):
            second_reader.choose(referral=referral, entry=entry, number=2, by=caseworker, keys=keys)
        other = send("Another.").entries.get()
        with pytest.raises(Refused, match="is not from a tip in this referral"):
            second_reader.choose(referral=referral, entry=other, number=0, by=caseworker, keys=keys)

    def test_only_in_our_words_lets_no_picture_out(self, referral, entry, tip, caseworker, keys):
        second_reader.choose(referral=referral, entry=entry, number=0, by=caseworker, keys=keys)
        content = contents.content(referral=referral, keys=keys)
        strict = replace(content.reports[0], answer="words", is_strict=True)
        whole = contents.Content(referral, content.document, (strict,), "")
        assert (
            f"{tip.reference}: The sender agreed to our wording only. Remove the pictures."
            in whole.hindrances
        )
