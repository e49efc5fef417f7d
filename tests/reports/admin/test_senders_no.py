"""The sender's "no" to the police holds at every address of the desk, for two leads who press whatever there is."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from reports.admin import roles
from reports.domain import enquiries, handover
from reports.domain.handover import packs
from reports.domain.keys.keyholders import Keys
from reports.models import AuditEvent, Enquiry, Pack, Tip, UrgentCall
from tests.reports.admin.conftest import sign_in, unlock_with
from tests.reports.admin.test_roles import where
from tests.reports.admin.tip_page import press, sent
from tests.reports.handing import keyholder, make_ready

pytestmark = pytest.mark.long

ROOMS = ("reports_tip_", "reports_pack_", "reports_enquiry_")
WAYS = ("reports_tip_save", "reports_tip_disclose", "reports_pack_")  # enough where the sender says yes
# What hides the tip from the one who presses; what ends the pack, or takes signatures off; and the danger to a
# life or a child, which is the one way.
LEFT_OUT = {"reports_tip_recuse", "reports_pack_withdraw", "reports_tip_sanitise", "reports_pack_danger"}
POLICE = {"whom": "PC Doe", "when": "now", "who": "PC Doe", "reference": "URN 1", "kind": "json", "found": "Right."}


@pytest.fixture
def leads(officer: User, lead: User, phrase: str, keys: Keys, any_words: None) -> list[Client]:
    """Return the browsers of two leads with keys; the first one's desk is unlocked with words of its own."""
    officer.groups.set(Group.objects.filter(name="Lead"))
    keyholder(lead)
    first, second = sign_in(User.objects.get(pk=officer.pk)), sign_in(lead)
    assert first.post("/admin/unlock/", {"phrase": phrase}).status_code == 302
    unlock_with(second, keys)
    return [first, second]


@pytest.fixture
def pack(send: Any, officer: User, keys: Keys, request: pytest.FixtureRequest) -> Pack:
    """Return a pack of a tip that is ready but for what its sender says."""
    tip = send("A grey van comes to the garages every night at nine.", police=request.param)
    make_ready(tip, by=officer, keys=keys)
    return handover.draft(tips=[tip], by=officer)


def told(pack: Pack) -> set[str]:
    """Return in which ways the desk says that the police know of it."""
    tip = pack.parts.get().tip
    ways = {
        "status": tip.status == "passed_on"
        or AuditEvent.objects.filter(act="moved", detail__after="passed_on").exists(),
        "confirmed": AuditEvent.objects.filter(act="confirmed-pack").exists(),
        "call": UrgentCall.objects.filter(police=True).exists(),
        "signed": AuditEvent.objects.filter(act="signed-pack").exists(),
        "exported": AuditEvent.objects.filter(act="exported").exists(),
    }
    return {name for name, so in ways.items() if so}


def press_everything(
    client: Client, pack: Pack, enquiry: Enquiry, *, to: str, keys: Keys, rooms: tuple[str, ...]
) -> Iterator[str]:
    """Post to every address of these rooms; yield the name of each."""
    tip = pack.parts.get().tip
    samples: dict[str, object] = {"tip": tip.pk, "entry": tip.entries.first().pk, "user": 1, "newsroom/article/": 0}
    samples |= {"enquiry": enquiry.pk, "reports/enquiry/": enquiry.pk, "reports/pack/": pack.pk, "reports/outcome/": 0}
    typed = POLICE | {
        "phrase": "any",
        "to": to,
        "do": "move",
        "move": to,
        "tip": str(tip.pk),
        "enquiry": enquiry.pk,
        "save-status": to,
    }
    typed |= {f"disclose-{name}": value for name, value in (POLICE | {"to": to}).items()}
    page = sent(client.get(f"/admin/reports/tip/{tip.pk}/change/"))
    for address in roles.addresses():
        if address.name.startswith(rooms) and address.name not in LEFT_OUT and is_pressed(address):
            seen = packs.content(pack=Pack.objects.get(pk=pack.pk), keys=keys).digest
            call = UrgentCall.objects.first()
            more = {"seen": seen, "call": call.pk, f"review-{call.pk}-found": "Right."} if call else {"seen": seen}
            client.post(where(address, samples), page | typed | more)
            yield address.name


def is_pressed(address: roles.Address) -> bool:
    """Return whether anybody may post to an address."""
    return address.rights.get("POST", roles.NOBODY) != roles.NOBODY


@pytest.mark.parametrize(
    ("pack", "ways"),
    [("no", set()), ("yes", {"status", "confirmed", "call", "signed", "exported"})],
    ids=["no", "control-yes"],
    indirect=["pack"],
)
def test_a_no_holds_at_every_address(
    pack: Pack, leads: list[Client], officer: User, keys: Keys, ways: set[str]
) -> None:
    rooms = WAYS if ways else ROOMS
    enquiry = enquiries.begin(by=officer)
    pressed: set[str] = set()
    first, second = leads
    for client, to in ((first, "passed_on"), (second, "999"), (first, "closed")):
        pressed |= set(press_everything(client, pack, enquiry, to=to, keys=keys, rooms=rooms))
    assert pressed >= {"reports_tip_save", "reports_tip_disclose", "reports_pack_export"}
    assert ("reports_tip_bulk" in pressed) is (rooms == ROOMS)
    assert told(pack) == ways
    assert Tip.objects.exists()


@pytest.mark.parametrize("pack", ["no"], indirect=True)
def test_only_a_danger_to_a_life_or_a_child_that_is_written_down_overrides_it(pack: Pack, leads: list[Client]) -> None:
    tip = pack.parts.get().tip
    said = {f"disclose__{name}": POLICE[name] for name in ("whom", "when")} | {"disclose__to": "999"}
    assert "We may tell someone only if a life is at risk" in press(leads[0], tip, "disclose", **said).text
    assert "Choose what the danger is" in press(leads[0], tip, "disclose", **said, disclose__danger="A knife.").text
    assert told(pack) == set()
    press(leads[0], tip, "disclose", **said, disclose__ground="life", disclose__danger="He has a knife.")
    assert told(pack) == {"status", "call"}  # and the schedule waits for the second look
    assert AuditEvent.objects.filter(act="danger-named", subject=tip.reference).count() == 1
