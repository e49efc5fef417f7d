"""“I know someone here”: hidden from one member, sealed reason for team leads, lifted by another team lead only."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain.audit import columns, findings
from reports.domain.errors import Hidden, Refused
from reports.domain.keys import keyholders
from reports.domain.people import accounts
from reports.domain.retention import schedule
from reports.domain.search import searching
from reports.domain.tips import opening, reasons, recusal
from reports.domain.triage import relations, triaging
from reports.models import AuditAct, AuditEvent, Label, Member, Recusal, Relation, Tip
from tests.factories import CHEAP, make_keyholder, make_user, shown
from tests.reports.handing import keyholder, newest_keys
from tests.reports.purging import purge

type Send = Callable[..., Tip]


@pytest.fixture
def second(team_lead, passphrase):
    """Return the team lead, who holds a key too."""
    make_keyholder(team_lead)
    return team_lead


@pytest.fixture
def hidden(send, caseworker, second):
    """Return a recusal of the caseworker."""
    return recusal.recuse(
        tip=send(), by=caseworker, reason="My cousin lives there.", keys=newest_keys()
    )


def test_every_verb_refuses_a_member_who_has_recused_themself(hidden, caseworker, keys):
    tip = hidden.tip
    entry, label = tip.entries.get(), Label.objects.create(name="rumour")
    verbs = [
        lambda by: opening.read(tip=tip, by=by, keys=keys),
        lambda by: opening.reveal(tip=tip, by=by, keys=keys, reason="danger"),
        lambda by: triaging.move(tip=tip, to="spam", by=by, keys=newest_keys()),
        lambda by: triaging.assign(tip=tip, to=None, by=by),
        lambda by: triaging.acknowledge(tip=tip, by=by),
        lambda by: triaging.note(tip=tip, text="A note.", by=by),
        lambda by: recusal.recuse(tip=tip, by=by, reason="Again.", keys=keys),
        lambda by: opening.picture(entry=entry, number=0, by=by, keys=keys),
        lambda by: triaging.label(tip=tip, label=label, by=by),
        lambda by: triaging.unlabel(tip=tip, label=label, by=by),
    ]
    before = AuditEvent.objects.count()
    for verb in verbs:
        with pytest.raises(Hidden):
            verb(caseworker)
    hidden.user = team_lead = make_user("lori", "Team lead")
    hidden.save()
    hold = partial(schedule.hold, reason="A court.", keys=keys)
    for act in (partial(schedule.release, keys=keys), schedule.still_needed, hold):
        with pytest.raises(Hidden):
            act(tip=tip, by=team_lead)
    assert AuditEvent.objects.count() == before
    colleague = make_user("cora", "Caseworker")
    for verb in verbs[:2]:
        assert verb(colleague) is not None  # the control


def test_recused_tip_is_on_no_list_of_the_member_and_cannot_be_given_back(send, caseworker, second):
    tip = send()
    triaging.assign(tip=tip, to=caseworker, by=second)
    recusal.recuse(tip=tip, by=caseworker, reason="My cousin.", keys=newest_keys())
    tip.refresh_from_db()
    assert tip.assignee is None
    assert (triaging.next_to_read(by=caseworker), triaging.next_to_read(by=second)) == (None, tip)
    assert not (Tip.objects.visible_to(caseworker) & Tip.objects.unread()).exists()
    with pytest.raises(Refused, match="You cannot assign this tip to them"):
        triaging.assign(tip=tip, to=caseworker, by=second)


def test_reason_is_sealed_and_read_by_team_leads_after_it_is_recorded(
    hidden, caseworker, second, keys
):
    assert b"cousin" not in bytes(hidden.sealed)
    with pytest.raises(Refused, match="Only a team lead"):
        reasons.read(rows=[hidden], by=caseworker, keys=keys)
    assert reasons.read(rows=[hidden], by=second, keys=keys) == {
        str(hidden.pk): "My cousin lives there."
    }
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.actor, event.subject) == ("read-reason", "lena", hidden.tip.reference)
    hidden.user = second
    assert "cannot be unlocked" in reasons.read(rows=[hidden], by=second, keys=keys)[str(hidden.pk)]


@pytest.mark.parametrize(
    ("reason", "said"), [("  ", "Write the reason"), ("x" * 2001, "too long: 2,001")]
)
def test_reason_must_be_there_and_short(send, caseworker, second, reason, said):
    with pytest.raises(Refused, match=said):
        recusal.recuse(tip=send(), by=caseworker, reason=reason, keys=newest_keys())
    assert not Recusal.objects.exists()


def test_last_one_who_could_read_a_tip_cannot_leave_it(send, caseworker, team_lead):
    tip = send()
    keyholders.enrol(
        user=team_lead, costs=CHEAP
    )  # a key of their own, but no access to the desk yet
    with pytest.raises(Refused, match="Nobody else could read this tip"):
        recusal.recuse(tip=tip, by=caseworker, reason="My cousin.", keys=newest_keys())
    Member.objects.filter(user=team_lead).update(granted=timezone.localdate())
    recusal.recuse(tip=tip, by=caseworker, reason="My cousin.", keys=newest_keys())
    with pytest.raises(Refused, match="Nobody else could read this tip"):
        recusal.recuse(tip=tip, by=team_lead, reason="Mine too.", keys=newest_keys())


def lift(recused, by, **changed):
    """Lift a recusal with what the page sends."""
    recusal.lift(
        recusal=recused,
        by=by,
        **({"reason": "mistake", "reauthentication": shown(by)} | changed),
        keys=newest_keys(),
    )


@pytest.mark.parametrize("put_out", [False, True])
def test_another_member_lifts_it_only_where_there_is_no_other_team_lead(hidden, second, *, put_out):
    other = keyholder(make_user("cora", "Caseworker"))
    assert not recusal.shown_to(by=other).exists()
    with pytest.raises(Refused, match="Only a team lead"):
        lift(hidden, other)
    Recusal.objects.filter(pk=hidden.pk).update(user=second)
    hidden.refresh_from_db()
    if put_out:  # by the member who knows someone
        lou = keyholder(make_user("lou", "Team lead"))
        accounts.log_event(user=lou, by=second, act=AuditAct.SWITCHED_OFF)
        User.objects.filter(pk=lou.pk).update(is_active=False)
        with pytest.raises(Refused, match="Only a team lead"):
            lift(hidden, other)
        return
    assert list(recusal.shown_to(by=other)) == [hidden]
    lift(hidden, other)
    assert not Recusal.objects.exists()


def test_team_lead_lifts_it_and_never_for_themself(hidden, caseworker, second):
    with pytest.raises(Refused, match="Only a team lead"):
        lift(hidden, caseworker)
    Recusal.objects.filter(pk=hidden.pk).update(user=second)
    hidden.refresh_from_db()
    with pytest.raises(Hidden):
        lift(hidden, second)
    assert not recusal.shown_to(by=second).exists()
    other = make_user("lori", "Team lead")
    assert list(recusal.shown_to(by=other)) == [hidden]
    for wrong, refusal in (
        ({"reauthentication": None}, "Confirm first"),
        ({"reason": "because"}, "Choose why"),
    ):
        with pytest.raises(Refused, match=refusal):
            lift(hidden, other, **wrong)
    lift(hidden, other)
    assert triaging.next_to_read(by=second) == hidden.tip
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.actor, event.detail) == (
        "recusal-lifted",
        "lori",
        {"to": "lena", "reason": "mistake"},
    )


@pytest.mark.promise("team")
def test_what_a_colleague_confirmed_as_related_is_hidden_too(
    hidden, send, caseworker, second, keys
):
    """Anyone who knows someone in a tip does not see or find what is related to it."""
    tip, one, other, apart = hidden.tip, send(), send(), send()
    opening.open_new(by=second, keys=keys)
    for related, verdict in ((one, "related"), (other, "independent"), (apart, "dismissed")):
        relations.judge(
            tip=tip, other=related, verdict=verdict, by=second, reason="The same van.", keys=keys
        )
    assert set(Tip.objects.visible_to(caseworker)) == {apart}
    assert set(Tip.objects.visible_to(second)) == {tip, one, other, apart}
    found = searching.search(words="van", by=caseworker, keys=keys)
    assert [hit.tip for hit in found.hits] == [apart]
    for gone in (one, other):
        with pytest.raises(Hidden, match="or in a related tip"):
            opening.read(tip=gone, by=caseworker, keys=keys)
        with pytest.raises(Refused, match="You cannot assign this tip to them"):
            triaging.assign(tip=gone, to=caseworker, by=second)
    relations.judge(tip=tip, other=one, verdict="dismissed", by=second, keys=keys)
    assert set(Tip.objects.visible_to(caseworker)) == {one, apart}
    lift(hidden, second)
    assert set(Tip.objects.visible_to(caseworker)) == {tip, one, other, apart}


def test_what_was_hidden_as_related_stays_hidden_when_the_tip_is_deleted(
    hidden, send, caseworker, second, keys
):
    related, apart = send(), send()
    opening.open_new(by=second, keys=keys)
    triaging.assign(tip=apart, to=caseworker, by=second)
    relations.judge(tip=hidden.tip, other=related, verdict="related", by=second, keys=keys)
    relations.judge(tip=hidden.tip, other=apart, verdict="dismissed", by=second, keys=keys)
    purge(tip=hidden.tip)  # as maintenance does, while every desk is locked
    assert set(Tip.objects.visible_to(caseworker)) == {apart}
    assert set(Tip.objects.visible_to(second)) == {related, apart}
    present = columns.of_subjects([related.reference])
    assert [one.row[:9] for one in findings.compare(present, proof=keys.audit_keys)] == [
        "relation "
    ]
    kept = recusal.shown_to(by=second).get()
    assert "related" in reasons.read(rows=[kept], by=second, keys=keys)[str(kept.pk)]
    Recusal.objects.filter(pk=kept.pk).delete()
    present = columns.of_subjects([related.reference])
    assert "recusal " in {one.row[:8] for one in findings.compare(present, proof=keys.audit_keys)}
    kept.save(force_insert=True)
    lift(kept, second)
    assert related in Tip.objects.visible_to(caseworker)


def test_nothing_is_hidden_on_where_a_further_tip_could_be_read_by_nobody(
    hidden, send, caseworker, second, keys
):
    related, further, last = send(), send(), send()
    chain = (hidden.tip, related, further, last)
    for one, other in pairwise(chain):
        relations.judge(tip=one, other=other, verdict="related", by=second, keys=keys)
    recusal.recuse(tip=last, by=second, reason="My neighbour.", keys=keys)
    purge(tip=hidden.tip)
    assert related in Tip.objects.visible_to(caseworker)
    assert further in Tip.objects.visible_to(caseworker)


@pytest.mark.parametrize("first", ["recuse", "judge"])
def test_related_tip_is_taken_from_the_members_list_too(send, caseworker, second, first):
    tip, other = send(), send()
    triaging.assign(tip=other, to=caseworker, by=second)
    acts = [
        lambda: recusal.recuse(tip=tip, by=caseworker, reason="My cousin.", keys=newest_keys()),
        lambda: relations.judge(
            tip=tip, other=other, verdict="related", by=second, keys=newest_keys()
        ),
    ]
    for act in acts if first == "recuse" else acts[::-1]:
        act()
    other.refresh_from_db()
    assert other.assignee is None


def test_last_one_who_could_read_a_related_tip_cannot_leave(send, caseworker, second):
    tip, other = send(), send()
    recusal.recuse(tip=other, by=second, reason="My cousin.", keys=newest_keys())
    relations.judge(tip=tip, other=send(), verdict="related", by=caseworker, keys=newest_keys())
    recusal.recuse(
        tip=tip, by=caseworker, reason="Mine too.", keys=newest_keys()
    )  # the control: those two are not related to the first
    with pytest.raises(Refused, match="Nobody else could read this tip"):
        relations.judge(
            tip=tip,
            other=other,
            verdict="related",
            by=make_user("cora", "Caseworker"),
            keys=newest_keys(),
        )
    assert not Relation.objects.filter(verdict="related", author="cora").exists()
    Recusal.objects.filter(tip=tip).delete()
    relations.judge(
        tip=tip,
        other=other,
        verdict="related",
        by=make_user("nia", "Caseworker"),
        keys=newest_keys(),
    )
    with pytest.raises(Refused, match="Nobody else could read this tip"):
        recusal.recuse(tip=tip, by=caseworker, reason="Mine too.", keys=newest_keys())
    assert not Recusal.objects.filter(user=caseworker).exists()
