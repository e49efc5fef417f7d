"""No verb shows, changes or deletes anything when its event cannot be written: every one, on either engine."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reports.domain import decision, enquiries
from reports.domain.audit import audit_log, staleness, verification
from reports.domain.keys import keyholders
from reports.domain.outcomes import public_results
from reports.domain.referrals import changed_answer, grading, own_words, translation
from reports.domain.retention import schedule
from reports.domain.search import matching, searching
from reports.domain.tips import opening, reasons, recusal
from reports.domain.triage import (
    alarm,
    at_end,
    labels,
    malicious,
    relations,
    safety,
    triaging,
    undoing,
)
from reports.models import (
    AuditEvent,
    Label,
    Search,
    Tip,
)
from tests.factories import NO_DANGER, make_keyholder, make_user, shown
from tests.newsroom.articles import make_article
from tests.reports import pictures, telling
from tests.reports.handing import newest_keys
from tests.reports.unrecorded import unrecorded

GRADE = {"source": "2", "information": "C", "handling": "P", "conditions": ""}
WORDS = {
    "text": "A van calls.",
    "removed": "",
    "contact": "",
    "stays": {},
    "position": 1,
}

VERBS = {
    "read": lambda at: opening.read(tip=at["tip"], by=at["by"], keys=at["keys"]),
    "reveal": lambda at: opening.reveal(
        tip=at["tip"], by=at["by"], keys=at["keys"], reason="danger"
    ),
    "picture": lambda at: opening.picture(
        entry=at["photo"], number=0, by=at["by"], keys=at["keys"]
    ),
    "open_new": lambda at: opening.open_new(by=at["by"], keys=at["keys"]),
    "search": lambda at: searching.search(words="van", by=at["by"], keys=at["keys"]),
    "words_of": lambda at: searching.words_of(
        rows=[at["search"]], by=at["team_lead"], keys=at["keys"]
    ),
    "glimpse": lambda at: opening.glimpse(tips=[at["tip"]], by=at["by"], keys=at["keys"]),
    "glimpse_entries": lambda at: opening.glimpse_entries(
        tips=[at["tip"]], by=at["by"], keys=at["keys"]
    ),
    "change answer": lambda at: changed_answer.add(
        tip=at["tip"], position=1, answer="no", by=at["by"], keys=at["keys"]
    ),
    "undo changed answer": lambda at: changed_answer.undo(
        change=at["change"], reason="A joke.", by=at["team_lead"], keys=newest_keys()
    ),
    "reasons": lambda at: reasons.read(rows=[at["hold"]], by=at["team_lead"], keys=at["keys"]),
    "unlock": lambda at: keyholders.unlock(user=at["by"], passphrase=at["passphrase"]),
    "move": lambda at: triaging.move(tip=at["tip"], to="reading", by=at["by"]),
    "close": lambda at: triaging.move(
        tip=at["tip"], to="spam", by=at["by"], danger=NO_DANGER, keys=newest_keys()
    ),
    "say what was done": lambda at: safety.add(
        tip=at["tip"],
        kind="closed",
        choice="none",
        text="Read twice.",
        by=at["by"],
        keys=newest_keys(),
    ),
    "look at danger": lambda at: safety.mark_reviewed(
        decision=at["danger"], by=at["team_lead"], keys=newest_keys()
    ),
    "read about danger": lambda at: safety.read(
        rows=[at["danger"]], by=at["team_lead"], keys=at["keys"]
    ),
    "assign": lambda at: triaging.assign(tip=at["tip"], to=at["by"], by=at["by"]),
    "acknowledge": lambda at: triaging.acknowledge(tip=at["tip"], by=at["by"]),
    "hand_back": lambda at: triaging.hand_back(tip=at["taken"], by=at["by"]),
    "lapse": lambda at: alarm.lapse(now=timezone.now() + alarm.TAKEN_FOR),
    "leave as it is": lambda at: triaging.leave_as_it_is(tip=at["held"], by=at["by"]),
    "note": lambda at: triaging.note(tip=at["tip"], text="A note.", by=at["by"]),
    "look again": lambda at: triaging.look_again(
        tip=at["tip"], on=timezone.localdate(), by=at["by"]
    ),
    "mark": lambda at: malicious.mark(tip=at["tip"], malicious=True, by=at["by"]),
    "label": lambda at: triaging.label(tip=at["tip"], label=at["label"], by=at["by"]),
    "unlabel": lambda at: triaging.unlabel(tip=at["held"], label=at["label"], by=at["by"]),
    "the usual": lambda at: labels.begin_with_the_usual(by=at["by"]),
    "save": lambda at: decision.save(
        tip=at["tip"],
        changes=decision.TipChanges(status="reading"),
        seen=staleness.now(),
        by=at["by"],
    ),
    "move_to_end": lambda at: at_end.move_to_end(tip=at["same"], by=at["by"]),
    "move_back_up": lambda at: at_end.move_back_up(tip=at["at_end"], by=at["by"]),
    "take_away": lambda at: audit_log.take_away(AuditEvent.objects.all(), by=at["by"]),
    "conclude": lambda at: verification.conclude(verification.verify(proof=None), by=at["by"]),
    "undo": lambda at: undoing.undo(press="9" * 16, by=at["by"], keys=newest_keys()),
    "judge": lambda at: relations.judge(
        tip=at["tip"], other=at["held"], verdict="dismissed", by=at["by"], keys=newest_keys()
    ),
    "look": lambda at: matching.related(tip=at["tip"], by=at["by"], keys=at["keys"]),
    "begin": lambda at: enquiries.begin(by=at["by"], codename="loud drum"),
    "rename": lambda at: enquiries.rename(enquiry=at["enquiry"], codename="other", by=at["by"]),
    "summarise": lambda at: enquiries.summarise(
        enquiry=at["enquiry"], text="New.", seen=staleness.now(), by=at["by"]
    ),
    "read_summary": lambda at: enquiries.read(enquiry=at["enquiry"], by=at["by"], keys=at["keys"]),
    "move_enquiry": lambda at: enquiries.move(
        enquiry=at["enquiry"], to="paused", by=at["by"], keys=newest_keys()
    ),
    "link": lambda at: enquiries.link(tip=at["tip"], enquiry=at["enquiry"], by=at["by"]),
    "unlink": lambda at: enquiries.unlink(tip=at["held"], enquiry=at["enquiry"], by=at["by"]),
    "propose": lambda at: public_results.propose(
        enquiry=at["enquiry"],
        article=at["story"],
        sentence=f"{public_results.OPENING} it.",
        by=at["by"],
        reauthentication=shown(at["by"]),
        keys=newest_keys(),
    ),
    "approve": lambda at: public_results.approve(
        outcome=at["outcome"],
        capacity="team_lead",
        by=at["team_lead"],
        keys=at["keys"],
        reauthentication=shown(at["team_lead"]),
    ),
    "withdraw": lambda at: public_results.withdraw(outcome=at["outcome"], by=at["team_lead"]),
    "grade": lambda at: grading.grade(tip=at["tip"], **GRADE, seen=0, by=at["by"], keys=at["keys"]),
    "wording": lambda at: own_words.save(
        tip=at["tip"], **WORDS, seen=0, by=at["by"], keys=at["keys"]
    ),
    "translate": lambda at: translation.translate(
        tip=at["tip"], language="pl", text="A van.", seen=0, by=at["by"]
    ),
    "recuse": lambda at: recusal.recuse(
        tip=at["tip"], by=at["by"], reason="My cousin.", keys=newest_keys()
    ),
    "recuse-unseen": lambda at: matching.recuse(
        tip=at["tip"], by=at["by"], reason="Mine.", keys=newest_keys()
    ),
    "lift": lambda at: recusal.lift(
        recusal=at["recusal"],
        by=at["team_lead"],
        reason="mistake",
        reauthentication=shown(at["team_lead"]),
        keys=newest_keys(),
    ),
    "hold": lambda at: schedule.hold(
        tip=at["tip"], by=at["team_lead"], reason="A court.", keys=newest_keys()
    ),
    "release": lambda at: schedule.release(tip=at["held"], by=at["team_lead"], keys=newest_keys()),
    "still_needed": lambda at: schedule.still_needed(tip=at["tip"], by=at["team_lead"]),
}


def _proposed(enquiry, article, *, by):
    sentence = f"{public_results.OPENING} it."
    return public_results.propose(
        enquiry=enquiry,
        article=article,
        sentence=sentence,
        by=by,
        reauthentication=shown(by),
        keys=newest_keys(),
    )


def _read():
    """Return the one tip, as read."""
    Tip.objects.update(unread=False)
    return Tip.objects.get()


def _close(*, by):
    """Close a tip by a press that can be undone."""
    closed = Tip.objects.create(
        reference="DDDD-DDDD", lookup="d" * 64, received=timezone.localdate(), status="reading"
    )
    triaging.move(tip=closed, to="no_action", by=by, press="9" * 16, keys=newest_keys())


@pytest.fixture
def at(caseworker, team_lead, passphrase, keys):
    """Return a desk where each verb would go through."""
    telling.tell(
        "A van.", danger="yes", contact_details="At the bakery.", photos=[pictures.stored()]
    )
    tip = _read()
    today = timezone.localdate()
    held = Tip.objects.create(
        reference="BBBB-BBBB", lookup="b" * 64, received=today - timedelta(days=9)
    )
    taken = Tip.objects.create(reference="CCCC-CCCC", lookup="c" * 64, received=today, urgent=True)
    triaging.acknowledge(tip=taken, by=caseworker)
    _close(by=caseworker)
    facts = {"received": tip.received, "opened": True, "alike": "a" * 32}
    *_others, same, move_to_end = (
        Tip.objects.create(reference=letter * 9, lookup=letter * 64, at_end=letter == "9", **facts)
        for letter in "789"
    )
    hold = schedule.hold(tip=held, by=team_lead, reason="A court.", keys=keys)
    make_keyholder(team_lead)
    hidden = recusal.recuse(
        tip=tip, by=make_user("cora", "Caseworker"), reason="My cousin.", keys=keys
    )
    enquiry = enquiries.begin(by=caseworker, codename="quiet lantern", summary="A car.")
    enquiries.link(tip=held, enquiry=enquiry, by=team_lead)
    label = Label.objects.create(name="garages")
    triaging.label(tip=held, label=label, by=team_lead)
    relations.judge(tip=tip, other=held, verdict="related", by=team_lead, keys=keys)
    outcome = _proposed(enquiry, make_article("told"), by=caseworker)
    drawn = {
        "tip": tip,
        "photo": tip.entries.order_by("position").last(),
        "same": same,
        "at_end": move_to_end,
    }
    drawn |= {
        "held": held,
        "hold": hold,
        "taken": taken,
        "recusal": hidden,
        "enquiry": enquiry,
        "label": label,
    }
    Tip.objects.filter(pk=held.pk).update(unread=False, new_answer=True)
    closed = safety.add(
        tip=tip, kind="closed", choice="none", text="Read twice.", by=caseworker, keys=keys
    )
    change = changed_answer.add(tip=tip, position=1, answer="words", by=caseworker, keys=keys)
    searching.search(words="nothing", by=caseworker, keys=keys)
    searched = Search.objects.get()
    told = {"story": make_article(), "reauthentication": shown(caseworker), "outcome": outcome}
    who = {"by": caseworker, "team_lead": team_lead, "keys": keys, "passphrase": passphrase}
    return drawn | {"danger": closed, "search": searched, "change": change} | told | who


@pytest.mark.promise("team", name="reading-recorded")
@pytest.mark.proof("record")
def test_nothing_is_shown_or_done_that_cannot_be_recorded(at):
    """An act that cannot be recorded does not happen."""
    assert unrecorded(VERBS, at) == {}
