"""Who typed a tip for its sender neither approves its referral nor undoes a "no", where enough others count."""

import io
import json

import pypdf
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.admin.desk.history import in_words
from reports.domain import intake, referrals
from reports.domain.errors import Refused
from reports.domain.intake import outbox, recorded_tips
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import approvals, changed_answer, consent, contents
from reports.domain.tips import opening
from reports.graphics import pdf
from reports.models import AuditEvent, Referral, Tip
from tests.factories import make_user
from tests.reports.handing import approve, keyholder, make_ready
from tests.reports.mailboxes import TOKEN


def typed(by: User, keys: Keys) -> Tip:
    """Return a ready tip that a member typed."""
    recorded_tips.store(token=TOKEN, answers={"what": "A van.", "police": "yes"}, channel="phone", by=by)
    outbox.drain()
    tip = Tip.objects.get()
    make_ready(tip, by=by, keys=keys)
    return tip


@pytest.fixture
def referral(caseworker: User, keys: Keys) -> Referral:
    """Return a referral of a tip that olu typed; olu is a keyholder."""
    return referrals.draft(tips=[typed(caseworker, keys)], by=keyholder(caseworker), keys=keys)


def whole(referral: Referral, keys: Keys) -> dict[str, list[dict[str, object]]]:
    """Return an approved referral as it leaves."""
    referral.refresh_from_db()
    return json.loads(referrals.document(contents.content(referral=referral, keys=keys), referral))  # type: ignore[no-any-return]


def test_a_typist_does_not_approve_where_two_others_can(referral: Referral, caseworker: User, keys: Keys) -> None:
    others = [keyholder(make_user("lena", "Team lead")), keyholder(make_user("cora", "Caseworker"))]
    with pytest.raises(Refused, match="two other people have to approve it"):
        approve(referral, by=caseworker, keys=keys)
    approve(referral, by=others[0], keys=keys)
    with pytest.raises(Refused, match="two other people have to approve it"):
        approve(referral, by=caseworker, keys=keys)
    approve(referral, by=others[1], keys=keys)
    assert referral.status == "approved"
    assert [set(approval) for approval in whole(referral, keys)["approvals"]] == [{"name", "role", "day"}] * 2


@pytest.mark.parametrize("beside", [["lena"], ["cora", "cleo"]], ids=["one other", "others without a team lead"])
def test_a_typist_approves_where_it_takes_them_and_log_and_referral_say_so(
    referral: Referral, caseworker: User, keys: Keys, beside: list[str]
) -> None:
    for name in beside:
        keyholder(make_user(name, "Team lead" if name == "lena" else "Caseworker"))
    approve(referral, by=caseworker, keys=keys)
    assert referral.status == "approved_once"
    event = AuditEvent.objects.filter(act="approved-referral", subject=referral.reference).get()
    assert event.detail["typed"] is True
    assert "they typed the tip" in in_words(event)
    if beside == ["lena"]:
        approve(referral, by=User.objects.get(username="lena"), keys=keys)
        given = whole(referral, keys)["approvals"]
        assert [approval.get("typed", False) for approval in given] == [True, False]
        assert AuditEvent.objects.filter(act="approved-referral", subject=referral.reference).count() == 2
        assert "typed" not in AuditEvent.objects.filter(act="approved-referral").latest("seq").detail


def test_those_who_can_approve_are_named_without_the_typist(referral: Referral, caseworker: User, keys: Keys) -> None:
    def named() -> set[str]:
        return {name for name, _from in approvals.can_approve(referral=referral, typists={"olu"})}

    keyholder(make_user("lena", "Team lead"))
    assert named() == {"lena", "olu"}
    keyholder(make_user("cora", "Caseworker"))
    assert named() == {"lena", "cora"}
    assert not approvals.is_kept_from(referral=referral, by=caseworker, typists=frozenset())


def test_a_colleague_whose_account_is_new_or_who_typed_too_is_no_other(
    referral: Referral, caseworker: User, keys: Keys
) -> None:
    keyholder(make_user("lena", "Team lead"))
    keyholder(make_user("cora", "Caseworker"))
    assert approvals.is_kept_from(referral=referral, by=caseworker, typists={"olu"})
    assert not approvals.is_kept_from(referral=referral, by=caseworker, typists={"olu", "cora"})


def test_a_typist_undoes_no_stricter_answer_of_the_sender_while_another_lead_could(keys: Keys, team_lead: User) -> None:
    tip = typed(keyholder(team_lead), keys)
    intake.reply(token=TOKEN, text="Please do not tell them.", after=0)
    opening.open_new(by=team_lead, keys=keys)
    position = max(entry.row.position for entry in opening.open_all(tip=tip, keys=keys))
    change = changed_answer.add(tip=tip, position=position, answer="no", by=team_lead, keys=keys)
    other = keyholder(make_user("lou", "Team lead"))
    with pytest.raises(Refused, match="another team lead has to do this"):
        changed_answer.undo(change=change, reason="They said yes on the phone.", by=team_lead, keys=keys)
    assert consent.police(opening.open_all(tip=tip, keys=keys)) == "no"
    User.objects.filter(pk=other.pk).update(is_active=False)
    changed_answer.undo(change=change, reason="They said yes on the phone.", by=team_lead, keys=keys)
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.detail) == ("undid-changed-answer", {"typed": True})
    assert "they typed the tip" in in_words(event)
    assert consent.police(opening.open_all(tip=tip, keys=keys)) == "yes"


def test_paper_says_that_an_approver_typed_the_tip(referral: Referral, caseworker: User, keys: Keys) -> None:
    keyholder(make_user("lena", "Team lead"))
    approve(referral, by=caseworker, keys=keys)
    approve(referral, by=User.objects.get(username="lena"), keys=keys)
    said = whole(referral, keys)
    paper = pypdf.PdfReader(io.BytesIO(pdf.printed(said, digest="0" * 64, day=timezone.localdate())))
    text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert text.count("They also typed a tip for its sender. Too few others could approve this.") == 1
