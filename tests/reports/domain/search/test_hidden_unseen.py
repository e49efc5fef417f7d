"""“I know someone here” hides, unseen, what names the same, until a colleague has compared the two."""

from collections.abc import Callable

import pytest

from reports.domain.audit import columns, findings
from reports.domain.errors import Hidden, Refused
from reports.domain.search import matching
from reports.domain.tips import opening, recusal
from reports.domain.triage import relations, triaging
from reports.models import AuditEvent, Relation, Tip
from tests.factories import make_keyholder
from tests.reports.handing import newest_keys

type Send = Callable[..., Tip]
HOUSE = "They deal at 22 Ashfield Cres."


@pytest.fixture
def second(team_lead, passphrase):
    """Return the team lead, who holds a key too."""
    make_keyholder(team_lead)
    return team_lead


@pytest.fixture
def recused(send, caseworker, second, keys):
    """Return a function that opens what came and hides a tip from the caseworker."""

    def hide(tip):
        opening.open_new(by=caseworker, keys=newest_keys())
        matching.recuse(tip=tip, by=caseworker, reason="My cousin.", keys=newest_keys())
        return tip

    return hide


def seen(user):
    return set(Tip.objects.visible_to(user))


@pytest.mark.parametrize(
    "other", ["no 22, Ashfield Crescent", "ab12cde again", "He is on 07700 900 123"]
)
def test_what_names_the_same_is_hidden_with_it(send, recused, caseworker, second, other):
    tip, same = send(f"{HOUSE} AB12 CDE, 07700 900123, dave@example.org"), send(other)
    free = [send("23 Ashfield Crescent"), send("Write to dave@example.org")]
    triaging.assign(tip=same, to=caseworker, by=second)
    recused(tip)
    assert seen(caseworker) == set(free)
    assert seen(second) == {tip, same, *free}
    same.refresh_from_db()
    assert same.assignee is None
    event = AuditEvent.objects.get(act="hidden-unseen")
    assert (event.actor, event.subject, event.detail["other"]) == (
        "system",
        same.reference,
        tip.reference,
    )
    assert not findings.compare(columns.of_tips([tip, same]), proof=newest_keys().audit_keys)


def test_what_comes_later_is_hidden_before_its_member_can_read_it(
    send, recused, caseworker, second
):
    recused(send(HOUSE))
    later, unopened, free = (
        send("22 ashfield crescent"),
        send("No 22 Ashfield Crescent"),
        send("A grey van."),
    )
    with pytest.raises(Hidden):
        opening.read(tip=unopened, by=caseworker, keys=newest_keys())
    opening.open_new(by=second, keys=newest_keys())
    assert seen(caseworker) == {free}
    assert opening.read(tip=later, by=second, keys=newest_keys())


def test_what_the_digest_of_the_hidden_tip_lost_is_looked_up_again(
    send, recused, caseworker, second
):
    tip = recused(send(HOUSE))
    triaging.note(tip=tip, text="A note, which deletes the digest.", by=second)
    later = send("22 ashfield crescent")
    opening.open_new(by=second, keys=newest_keys())
    assert later not in seen(caseworker)


def test_a_colleague_is_asked_and_their_answer_shows_or_keeps_it_hidden(
    send, recused, caseworker, second, keys
):
    tip, same, another = send(HOUSE), send("22 ashfield crescent"), send("22 Ashfield Crescent!")
    recused(tip)
    assert relations.to_compare(by=second).count() == 2
    assert not relations.to_compare(by=caseworker).exists()
    assert relations.sources(tips=[tip, same], by=second) == (2, False), (
        "the machine's match is no verdict"
    )
    with pytest.raises(Refused, match="Say whether"):
        relations.judge(tip=tip, other=same, verdict="possible", by=second, keys=newest_keys())
    relations.judge(tip=tip, other=same, verdict="dismissed", by=second, keys=newest_keys())
    relations.judge(tip=tip, other=another, verdict="related", by=second, keys=newest_keys())
    assert seen(caseworker) == {same}
    assert not relations.to_compare(by=second).exists()


def test_a_colleagues_verdict_stands(send, recused, caseworker, second):
    tip, same = send(HOUSE), send("22 ashfield crescent")
    opening.open_new(by=second, keys=newest_keys())
    relations.judge(tip=tip, other=same, verdict="dismissed", by=second, keys=newest_keys())
    recused(tip)
    assert seen(caseworker) == {same}
    assert Relation.objects.get().verdict == "dismissed"


def test_what_nobody_else_could_read_then_stays(send, recused, caseworker, second):
    tip, same, other = send(HOUSE), send("22 ashfield crescent"), send("22 Ashfield Crescent!")
    recusal.recuse(tip=same, by=second, reason="My aunt.", keys=newest_keys())
    recused(tip)
    assert seen(caseworker) == {same}
    assert seen(second) == {tip, other}
