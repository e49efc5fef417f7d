"""No key, account or session changes when its event cannot be written; and no verb of the desk is left untried."""

import importlib
import inspect
import pkgutil

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports import domain
from reports.domain import enquiries, key_rotation, leaving, state_files
from reports.domain.intake import recorded_tips
from reports.domain.keys import keyholders
from reports.domain.people import accounts, joining, sessions
from reports.domain.referrals import urgent_calls
from reports.domain.retention import closed_pictures
from reports.models import Invitation, KeyFileMark, Member, Node, UrgentCall
from reports.sealing import keyring, receipts
from tests.factories import CHEAP, make_user, shown
from tests.reports.admin.conftest import sign_in
from tests.reports.domain.audit.test_unrecorded import VERBS as OF_TIPS
from tests.reports.domain.referrals.test_unrecorded import VERBS as OF_HANDING_OVER
from tests.reports.handing import newest_keys
from tests.reports.unrecorded import unrecorded

CHANGED = {
    "first_name": "",
    "last_name": "",
    "email": "",
    "roles": ["Team lead"],
    "active": False,
}
VERBS = {
    "enrol": lambda at: keyholders.enrol(user=at["new"], costs=CHEAP),
    "grant": lambda at: keyholders.grant(
        member=at["waits"], compared=at["waits"].recipient, **at["team_lead"]
    ),
    "revoke": lambda at: keyholders.revoke(member=at["inside"], **at["team_lead"]),
    "rotate": lambda at: keyholders.rotate(**at["team_lead"]),
    "retire": lambda at: keyholders.retire(hindered=lambda index: [], **at["team_lead"]),
    "expel": lambda at: keyholders.expel(**at["team_lead"]),
    "recover": lambda at: keyholders.recover(identity=at["sheet"], user=at["new"], costs=CHEAP),
    "reseal": lambda at: key_rotation.step(by=at["by"], keys=at["keys"]),
    "forget_node": lambda at: key_rotation.forget_node(node=Node.objects.get(), by=at["by"]),
    "invite": lambda at: joining.invite(
        username="ida", role="Caseworker", by=at["by"], reauthentication=shown(at["by"])
    ),
    "start_again": lambda at: joining.start_again(
        user=at["new"], by=at["by"], reauthentication=shown(at["by"])
    ),
    "leave": lambda at: leaving.leave(
        user=at["inside"].user, reauthentication=shown(at["by"]), duty=at["by"], **at["team_lead"]
    ),
    "change": lambda at: accounts.change(
        user=at["new"], to=CHANGED, by=at["by"], reauthentication=shown(at["by"])
    ),
    "withdraw": lambda at: joining.withdraw(
        invitation=Invitation.objects.get(username="ivo"),
        by=at["by"],
        reauthentication=shown(at["by"]),
    ),
    "end_elsewhere": lambda at: sessions.end_elsewhere(by=at["new"], here=""),
    "call": lambda at: urgent_calls.add(
        tip=at["tip"], **at["call"], by=at["by"], keys=newest_keys()
    ),
    "review": lambda at: urgent_calls.review(
        call=UrgentCall.objects.get(), result="Well.", by=at["by"], keys=at["keys"]
    ),
    "mistake": lambda at: urgent_calls.mark_mistaken(
        call=UrgentCall.objects.get(),
        by=User.objects.get(username=UrgentCall.objects.get().author),
        keys=at["keys"],
    ),
    "close": lambda at: closed_pictures.close(tip=at["tip"], by=at["by"], keys=at["keys"]),
    "record": lambda at: recorded_tips.store(
        token=at["token"], answers={"what": "A van."}, channel="phone", by=at["by"]
    ),
    "begin_with": lambda at: enquiries.begin_with(tip=at["tip"], codename="loud drum", by=at["by"]),
}

# What takes `by` and stands in none of the three lists: it only asks, runs within other verbs, or is tried elsewhere.
ONLY_ASK = (
    "accounts.require_team_lead accounts.require_reauthentication "
    "at_end.alike at_end.copies at_end.counts dashboard.count "
    "enquiries.counted enquiries.links opening.read_up_to "
    "leaving.require_may_leave approvals.beside_typist approvals.kept_from "
    "approvals.require_not_typist changed_answer.kept_from approvals.to_approve "
    "readings.up_to readings.unread readings.require_read "
    "enquiries.require_summary enquiries.timeline "
    "police_referrals.require_free police_referrals.require_keyholder police_referrals.require_may_export "
    "public_results.capacities year.count "
    "public_results.to_approve queue.counts "
    "queue.waiting reasons.require_team_lead "
    "recusal.require_free recusal.shown_to relations.judged relations.sources schedule.due schedule.is_due "
    "relations.to_compare matching.same opening.readers results.to_read results.unanswered stuck.require_sent "
    "triaging.next_to_read triaging.require_reader"
)
# What a member types and has not sent: the record says nothing of it by design, as nobody else is ever shown it.
DRAFTS = "drafts.drop drafts.keep drafts.offered drafts.unfinished drafts.waiting"
WITHIN = (
    "accounts.log_event audit_log.checkpoint audit_log.record audit_log.record_each "
    "police_referrals.change police_referrals.log_event key_rotation.retire key_rotation.seal_again key_file.write "
    "approvals.void approvals.void_of_tip corrections.mark_sent triaging.pass_on triaging.unassign "
    "second_reader.leave_out_all triaging.wait_for_answer versions.add"
)
ELSEWHERE = {
    "clock.confirm": "tests/reports/domain/health/test_clock.py",
    "closed_pictures.propose": "tests/reports/domain/retention/test_closed_pictures.py",
    "closed_pictures.agree": "tests/reports/domain/retention/test_closed_pictures.py",
    "decision.add_to_enquiry": "tests/reports/admin/test_enquiries.py",
    "decision.save_copies": "tests/reports/admin/tips/test_copies.py",
    "sender_messages.take_back": "tests/reports/domain/mailbox/test_sender_messages.py",
    "sender_messages.write": "tests/reports/domain/mailbox/test_sender_messages.py",
    "sender_messages.write_about_safety": "tests/reports/domain/mailbox/test_sender_messages.py",
    "times.say_clock_was_wrong": "tests/reports/domain/audit/test_times.py",
    "exported.earlier": "tests/reports/admin/referrals/test_answers.py",
    "police_referrals.approve_alone": "tests/reports/domain/referrals/test_unrecorded.py",
}


@pytest.fixture
def at(team_lead, send):
    """Return a desk where each verb would go through.

    Its first key file, the caseworker's, gives way to the team lead's.
    """
    for name in ("keyring.age", "desk.pub"):
        (state_files.folder() / name).unlink()
    Member.objects.all().delete()
    KeyFileMark.objects.all().delete()
    passphrase = keyholders.enrol(user=team_lead, costs=CHEAP)
    sheet = keyholders.found_desk(first=Member.objects.get(user=team_lead))
    tip, words = send(), {"by": team_lead, "passphrase": passphrase}
    people = {name: make_user(name, "Caseworker") for name in ("waits", "inside", "stray", "new")}
    for name in ("waits", "inside", "stray"):
        keyholders.enrol(user=people[name], costs=CHEAP)
    for name in ("inside", "stray"):
        member = Member.objects.get(user=people[name])
        keyholders.grant(member=member, compared=member.recipient, **words)
    Member.objects.filter(user=people["stray"]).update(
        recipient=keyring.recipient_of(keyring.new_identity())
    )
    keys = keyholders.rotate(**words)
    key_rotation.report(now=timezone.now())
    joining.invite(
        username="ivo", role="Caseworker", by=team_lead, reauthentication=shown(team_lead)
    )
    sign_in(people["new"])
    call = {
        "to": "999",
        "whom": "PC Doe",
        "when": "now",
        "reference": "",
        "ground": "life",
        "danger": "A knife.",
    }
    urgent_calls.add(tip=tip, **call, by=people["inside"], keys=newest_keys())
    members = {name: Member.objects.get(user=people[name]) for name in ("waits", "inside")}
    things = {"tip": tip, "call": call, "new": people["new"], "by": team_lead}
    return (
        things
        | members
        | {"team_lead": words, "keys": keys, "sheet": sheet, "token": receipts.new_token()}
    )


def test_nothing_changes_that_cannot_be_recorded(at):
    assert unrecorded(VERBS, at) == {}


def verbs():
    """Yield every function of the rules that takes whom it is done by, with its module."""
    for module in pkgutil.walk_packages(domain.__path__, "reports.domain."):
        for name, one in vars(importlib.import_module(module.name)).items():
            own = (
                inspect.isfunction(one)
                and one.__module__ == module.name
                and not name.startswith("_")
            )
            if own and "by" in inspect.signature(one).parameters:
                yield f"{module.name.rpartition('.')[2]}.{name}"


@pytest.mark.promise("team")
def test_no_verb_is_left_untried():
    """No verb of the rules is left out of what is tried with a record that takes nothing."""
    called = [
        set(verb.__code__.co_names)
        for verb in (*VERBS.values(), *OF_TIPS.values(), *OF_HANDING_OVER.values())
    ]
    tried = {name for name in verbs() if any(set(name.split(".")) <= names for names in called)}
    assert set(verbs()) - tried == {*ONLY_ASK.split(), *WITHIN.split(), *DRAFTS.split(), *ELSEWHERE}
