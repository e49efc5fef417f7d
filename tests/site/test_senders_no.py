"""What a sender refused holds at every address of the desk, for team leads who press whatever there is."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import pytest
from django.contrib.auth.models import Group, User

from reports.admin.people import roles
from reports.domain import enquiries
from reports.domain.keys import passphrases
from reports.domain.referrals import police_referrals
from reports.domain.tips import opening
from reports.models import (
    AuditEvent,
    Message,
    Referral,
    ReplyTemplate,
    SafetyDecision,
    Status,
    Tip,
    UrgentCall,
)
from reports.sealing import receipts
from tests.factories import make_keyholder, shown
from tests.reports import telling
from tests.reports.admin.conftest import sign_in, undone, unlock_with
from tests.reports.admin.tip_page import press, sent
from tests.reports.handing import make_ready, read_tips
from tests.site.addresses import is_open, of_the_desk, samples_of

TEXT = "A grey van comes to the garages every night at nine."
ASKED, READY, WARNING = (
    "was it in the day or at night?",
    "which days was it?",
    "do not go there this week.",
)
# Enough where somebody waits, and where the sender says yes.
TO_POLICE = ("reports_tip_save", "reports_tip_call", "reports_tip_changelist", "reports_referral_")
TO_SENDER = (
    *("reports_tip_write", "reports_tip_start", "reports_tip_save", "reports_tip_changelist"),
    "reports_tip_own-safety",
)
ROOMS = ("reports_tip_", "reports_referral_", "reports_enquiry_")
# What hides the tip from the one who presses; what ends the referral, or takes approvals off; and the danger to a
# life or a child, which is the one way.
LEFT_OUT = {
    "reports_tip_recuse",
    "reports_referral_withdraw",
    "reports_tip_wording",
    "reports_referral_ground",
}
POLICE = {
    "whom": "PC Doe",
    "when": "now",
    "who": "PC Doe",
    "reference": "URN 1",
    "kind": "json",
    "recipient": "anyone",
    "found": "Right.",
}
IN_BULK = {"action": "move", "chosen": "yes"}  # with the choice beside the ticks
CHANGE = "/admin/reports/tip/{}/change/"

type Tell = Callable[..., Tip]


@pytest.fixture
def team_leads(caseworker, team_lead, keys, monkeypatch):
    """Return the browsers of two team leads with keys and unlocked desks; the first one begins an enquiry."""
    monkeypatch.setattr(
        passphrases, "reauthenticate", lambda *, user, passphrase: shown(user)
    )  # whatever words they type
    caseworker.groups.set(Group.objects.filter(name="Team lead"))
    make_keyholder(team_lead)
    clients = [sign_in(User.objects.get(pk=caseworker.pk)), sign_in(team_lead)]
    for client in clients:
        unlock_with(client, keys)
    return clients


@pytest.fixture
def tell(keys, caseworker):
    """Return a function that sends a tip with these answers, and perhaps writes again; the caseworker reads it."""

    def told(*, again=False, **answers):
        token = receipts.new_token()
        telling.tell(TEXT, token=token, **answers)
        if again:
            telling.reply(token=token, text="I have more to say.", after=0)
        opening.read(tip=Tip.objects.get(), by=caseworker, keys=keys)
        return Tip.objects.get()

    return told


def pressed(
    client,
    samples,
    typed,
    *,
    rooms,
    undo=False,
):
    """Post the tip's whole page and what is typed to every address of these rooms; yield each name and answer."""
    page = sent(client.get(CHANGE.format(samples["tip"])))
    may = {address.name for address in roles.addresses() if is_open(address)} - LEFT_OUT
    for name, _method, url in of_the_desk(samples, methods=("POST",), under=rooms):
        if name in may:
            with undone(client) if undo else nullcontext():
                yield name, client.post(url, page | {"seen": page["save-seen"][0]} | typed()).text


EVERY_WAY = {"status", "confirmed", "call", "approved", "exported"}


def told(referral):
    """Return in which ways the desk says that the police know of it."""
    events = AuditEvent.objects.all()
    moved = events.filter(act="moved", detail__after="passed_on")
    ways = {
        "status": referral.parts.get().tip.status == "passed_on" or moved.exists(),
        "confirmed": events.filter(act="confirmed-referral").exists(),
        "call": UrgentCall.objects.filter(police=True).exists(),
        "approved": events.filter(act="approved-referral").exists(),
        "exported": events.filter(act="exported").exists(),
    }
    return {name for name, so in ways.items() if so}


@pytest.fixture
def referral(tell, caseworker, keys, request):
    """Return a referral of a tip that is ready but for what its sender says."""
    tip = tell(police=request.param)
    make_ready(tip, by=caseworker, keys=keys)
    return police_referrals.draft(tips=[tip], by=caseworker, keys=keys)


@pytest.mark.promise("police", control=True)
@pytest.mark.parametrize(
    ("referral", "ways"),
    [
        pytest.param("no", set(), id="no"),
        pytest.param("yes", EVERY_WAY, id="control-yes", marks=pytest.mark.whole),
    ],
    indirect=["referral"],
)
def test_a_no_holds_at_every_address(
    referral,
    team_leads,
    caseworker,
    keys,
    *,
    ways,
    whole,
):
    """A sender's "no" to the police holds at every address; only a danger to a life, a child or an adult that is
    written down overrides it.
    """
    rooms = ROOMS if whole and not ways else TO_POLICE
    tip, enquiry, done = referral.parts.get().tip, enquiries.begin(by=caseworker), set[str]()
    samples = samples_of(tip=tip, user=caseworker, enquiry=enquiry)

    def typed(to):
        fields = (
            POLICE
            | IN_BULK
            | {"passphrase": "any", "sure": "on", "to": to, "choice": to, "save-status": to}
        )
        fields |= {f"call-{name}": value for name, value in (POLICE | {"to": to}).items()}
        for user in User.objects.filter(member__granted__isnull=False):
            read_tips(Referral.objects.get(pk=referral.pk), by=user, keys=keys)
        fields |= {"enquiry": enquiry.pk}
        call = UrgentCall.objects.first()
        fields |= {"_selected_action": str(tip.pk)}
        if call:
            samples["review"] = call.pk
            fields |= {f"review-{call.pk}-found": "Right."}
        return fields

    first, second = team_leads
    for client, to in ((first, "passed_on"), (second, "999"), (first, "closed")):
        done |= {
            name for name, _answer in pressed(client, samples, partial(typed, to), rooms=rooms)
        }
    assert done >= {
        "reports_tip_save",
        "reports_tip_call",
        "reports_tip_changelist",
        "reports_referral_export",
    }
    assert told(referral) == ways
    assert Tip.objects.exists()


@pytest.mark.parametrize("referral", ["no"], indirect=True)
def test_only_a_danger_to_a_life_or_a_child_that_is_written_down_overrides_it(referral, team_leads):
    tip = referral.parts.get().tip
    said = {f"call__{name}": POLICE[name] for name in ("whom", "when")} | {"call__to": "999"}
    assert (
        "We may tell someone only if a life is at risk"
        in press(team_leads[0], tip, "call", **said).text
    )
    assert (
        "Choose the danger"
        in press(team_leads[0], tip, "call", **said, call__danger="A knife.").text
    )
    assert told(referral) == set()
    press(team_leads[0], tip, "call", **said, call__ground="life", call__danger="He has a knife.")
    assert told(referral) == {"status", "call"}  # and the schedule waits for the second look
    assert AuditEvent.objects.filter(act="danger-named", subject=tip.reference).count() == 1


ASKING = {"asked", "wrote", "status", "began"}


def asked(response_text):
    """Return in which ways the sender was asked or written to, but for their own safety."""
    letters, moved = (
        Message.objects.all(),
        AuditEvent.objects.filter(act="moved", detail__after="needs_more"),
    )
    ways = {
        "asked": letters.filter(asks=True).exists(),
        "wrote": letters.filter(asks=False).exists() and not SafetyDecision.objects.exists(),
        "status": Tip.objects.filter(status=Status.NEEDS_MORE).exists() or moved.exists(),
        "began": READY in response_text and ASKED in response_text,
    }
    return {name for name, so in ways.items() if so}


@pytest.mark.promise("messages", control=True, name="asked-nothing")
@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param({"contact": "none"}, set(), id="no"),
        pytest.param({"contact": "none", "again": True}, ASKING, id="control-wrote-again"),
        pytest.param({"contact": "receipt"}, ASKING, id="control-yes", marks=pytest.mark.whole),
        pytest.param({"contact": ""}, ASKING, id="control-skipped", marks=pytest.mark.whole),
    ],
)
def test_a_no_to_being_asked_holds_at_every_address(
    team_leads,
    tell,
    caseworker,
    *,
    answers,
    expected,
    whole,
):
    """If a sender chose "No" to "May we ask you more?", no address of the team area asks them anything or writes to
    them until they write again, except about their own safety.
    """
    rooms = ("reports_tip_", "reports_enquiry_") if whole and not expected else TO_SENDER
    tip, client, enquiry = tell(**answers), team_leads[0], enquiries.begin(by=caseworker)
    samples = samples_of(tip=tip, user=caseworker, enquiry=enquiry)
    ready = str(ReplyTemplate.objects.create(title="Days", text=READY).pk)
    done = {}
    for asks in ("yes", "no"):
        typed = {
            "write-text": ASKED,
            "write-asks": asks,
            "write-reply": ready,
            "passphrase": "any",
            **IN_BULK,
        }
        typed |= {
            "own-safety-text": WARNING,
            "own-safety-reason": "He is armed.",
            "own-safety-asks": asks,
        }
        typed |= dict.fromkeys(("save-status", "status", "choice", "to"), "needs_more") | {
            "enquiry": str(enquiry.pk)
        }
        typed["_selected_action"] = str(tip.pk)
        for name, text in pressed(client, samples, typed.copy, rooms=rooms, undo=True):
            done[name] = done.get(name, set()) | asked(text)
    assert set[str]().union(*done.values()) == expected
    ways = {"reports_tip_write", "reports_tip_start"}
    assert {name for name, found in done.items() if found} <= ways <= done.keys()
