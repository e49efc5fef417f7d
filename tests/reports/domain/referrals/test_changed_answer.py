"""A member reads "please don't" in a message: the stricter answer counts everywhere, until a team lead undoes it."""

import pytest
from django.contrib.auth.models import User

from reports.domain.audit import columns, findings
from reports.domain.errors import Refused
from reports.domain.intake import receiving
from reports.domain.people import accounts
from reports.domain.referrals import changed_answer, consent, police_referrals, urgent_calls
from reports.domain.tips import opening
from reports.models import AuditAct, AuditEvent, ChangedAnswer, Note, Referral, Tip
from tests.factories import make_user
from tests.reports import telling
from tests.reports.handing import approved, keyholder, make_ready
from tests.reports.mailboxes import TOKEN
from tests.reports.purging import purge


@pytest.fixture
def tip(caseworker, keys):
    """Return a tip whose sender said yes, and then that they would rather not, in a reply."""
    telling.tell("A van.", token=TOKEN, police="yes")
    receiving.reply(token=TOKEN, text="Please do not tell them.", after=0)
    telling.send_photos(token=TOKEN, pictures=[b"jpeg"])
    opening.open_new(by=caseworker, keys=keys)
    return Tip.objects.get()


def position(tip, keys, kind):
    """Return where the first arrival of a kind stands."""
    return next(
        each.row.position for each in opening.open_all(tip=tip, keys=keys) if each.kind == kind
    )


def test_a_stricter_answer_counts_everywhere_voids_approvals_and_is_in_no_log(
    tip, caseworker, keys
):
    second = keyholder(make_user("cora", "Caseworker"))
    make_ready(tip, by=caseworker, keys=keys)
    referral = approved(tip, by=keyholder(caseworker), second=second, keys=keys)
    changed_answer.add(
        tip=tip, position=position(tip, keys, "reply"), answer="no", by=caseworker, keys=keys
    )
    assert Referral.objects.get(pk=referral.pk).status == "drafted"
    (hindrance,) = police_referrals.read(referral=referral, by=caseworker, keys=keys).hindrances
    assert "The sender does not want us to tell the police." in hindrance
    with pytest.raises(Refused, match="does not want us to tell the police"):
        urgent_calls.add(
            tip=tip, to="999", whom="7", when="9", reference="", by=caseworker, keys=keys
        )
    seen_in_list = opening.glimpse_entries(tips=[tip], by=caseworker, keys=keys)[tip.pk]
    assert consent.known(seen_in_list).police == "no"
    event = AuditEvent.objects.get(act="changed-answer")
    assert event.detail == {"entry": position(tip, keys, "reply")}
    assert findings.compare(columns.of_tips([tip]), proof=keys.audit_keys) == []


@pytest.mark.parametrize(
    ("before", "change", "refusal"),
    [
        ("", ("reply", "yes"), "Choose an answer that is stricter"),
        ("words", ("reply", "words"), "Choose an answer that is stricter"),
        ("no", ("reply", "words"), "Choose an answer that is stricter"),
        ("", ("photos", "no"), "Choose the message in which the sender says this"),
    ],
)
def test_only_a_stricter_answer_that_stands_in_a_message_is_recorded(
    tip, keys, before, change, refusal
):
    caseworker = User.objects.get(username="olu")
    if before:
        changed_answer.add(tip=tip, position=1, answer=before, by=caseworker, keys=keys)
    at = position(tip, keys, change[0])
    with pytest.raises(Refused, match=refusal):
        changed_answer.add(tip=tip, position=at, answer=change[1], by=caseworker, keys=keys)
    assert ChangedAnswer.objects.count() == bool(before)


def test_a_team_lead_undoes_it_with_a_reason_and_nobody_else(tip, caseworker, team_lead, keys):
    change = changed_answer.add(tip=tip, position=1, answer="no", by=caseworker, keys=keys)
    with pytest.raises(Refused, match="Only a team lead"):
        changed_answer.undo(change=change, reason="A joke.", by=caseworker, keys=keys)
    with pytest.raises(Refused, match="Write why"):
        changed_answer.undo(change=change, reason=" ", by=team_lead, keys=keys)
    changed_answer.undo(change=change, reason="They meant the council.", by=team_lead, keys=keys)
    assert consent.police(opening.open_all(tip=tip, keys=keys)) == "yes"
    assert (Note.objects.get().author, AuditEvent.objects.latest("seq").act) == (
        "lena",
        "undid-changed-answer",
    )
    assert findings.compare(columns.of_tips([tip]), proof=keys.audit_keys) == []


def test_nobody_who_is_new_undoes_it(tip, caseworker, team_lead, keys):
    made = position(tip, keys, "reply")
    change = changed_answer.add(tip=tip, position=made, answer="no", by=caseworker, keys=keys)
    accounts.log_event(user=team_lead, by=team_lead, act=AuditAct.STARTED_AGAIN)
    with pytest.raises(Refused, match="second person"):
        changed_answer.undo(change=change, reason="They can.", by=team_lead, keys=keys)
    assert ChangedAnswer.objects.exists()


def test_one_that_does_not_open_is_a_no_and_one_taken_away_is_noticed(tip, caseworker, keys):
    change = changed_answer.add(tip=tip, position=1, answer="words", by=caseworker, keys=keys)
    ChangedAnswer.objects.update(sealed=tip.entries.get(position=1).sealed)
    assert consent.police(opening.open_all(tip=tip, keys=keys)) == "no"
    ChangedAnswer.objects.all().delete()
    (finding,) = findings.compare(columns.of_tips([tip]), proof=keys.audit_keys)
    assert finding.sentence.endswith(
        "someone removed a changed answer about the police outside Streetlight."
    )
    change.save(force_insert=True)
    purge(tip=tip)
    assert not ChangedAnswer.objects.exists()
