"""How many people must approve a referral before it leaves, and who: every case in one table."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reports.domain.errors import Refused
from reports.domain.people import accounts
from reports.domain.referrals import approvals
from reports.models import Approval, AuditAct
from tests.factories import make_user
from tests.reports.handing import keyholder

pytestmark = pytest.mark.django_db

NOW = None  # the approval is being given; a number is how many hours ago it was
TOO_NEW, MORE_THAN_ONE = (
    "You can approve as a second person from",
    "The team has more than one keyholder",
)
LEAD, ALONE = {"needs_team_lead": True}, {"alone": True}

# Who approved and when, the newest first; who else has a key; what is asked; how many are needed, or the refusal.
# Lena is a team lead, Cora and Carl are caseworkers, all with old accounts. Nia and Ned have joined just now, and Lou,
# who has long been here, has just started again.
CASES = {
    "nobody yet": ([], ["cora", "carl"], {}, 2),
    "nobody yet, alone": ([], ["cora"], ALONE, 1),
    "the first": ([("cora", NOW)], ["carl"], {}, 1),
    "the first, before a team lead": ([("cora", NOW)], ["lena"], LEAD, 1),
    "the first, too new": ([("nia", NOW)], ["carl"], {}, TOO_NEW),
    "the first, too new, without anybody else": ([("nia", NOW)], [], {}, 1),
    "the first, too new as all others are": ([("nia", NOW)], ["ned"], {}, 1),
    "the first, after a lost phone": ([("lou", NOW)], ["carl"], {}, TOO_NEW),
    "the first, beside somebody after a lost phone": ([("cora", NOW)], ["lou"], {}, 1),
    "one person twice": (
        [("cora", NOW), ("cora", 1)],
        ["carl"],
        {},
        "You have already approved this",
    ),
    "two": ([("carl", NOW), ("cora", 1)], [], {}, 0),
    "two, both earlier": ([("carl", 1), ("cora", 2)], [], {}, 0),
    "two, the second too new": ([("nia", NOW), ("cora", 1)], [], {}, TOO_NEW),
    "two, the first too new then": (
        [("carl", NOW), ("nia", 0)],
        [],
        {},
        "when their account was too new to count",
    ),
    "two, the first too new only since": ([("carl", NOW), ("nia", 24)], [], {}, 0),
    "two without the team lead": (
        [("carl", NOW), ("cora", 1)],
        ["lena"],
        LEAD,
        "A team lead must approve",
    ),
    "two, a team lead second": ([("lena", NOW), ("cora", 1)], [], LEAD, 0),
    "two, a team lead first": ([("cora", NOW), ("lena", 1)], [], LEAD, 0),
    "alone after a day": ([("cora", 25)], [], ALONE, 0),
    "alone too early": ([("cora", 23)], [], ALONE, "wait 24 hours"),
    "alone beside somebody": ([("cora", 25)], ["carl"], ALONE, MORE_THAN_ONE),
    "alone beside somebody too new": ([("cora", 25)], ["nia"], ALONE, 0),
    "alone beside somebody after a lost phone": ([("cora", 25)], ["lou"], ALONE, MORE_THAN_ONE),
    "alone, but two approved": ([("carl", 25), ("cora", 25)], [], ALONE, MORE_THAN_ONE),
    "alone without the team lead": ([("cora", 25)], [], ALONE | LEAD, "A team lead must approve"),
    "alone as team lead": ([("lena", 25)], [], ALONE | LEAD, 0),
}


def colleague(name):
    """Return a keyholder of this name."""
    user = keyholder(make_user(name, "Team lead" if name == "lena" else "Caseworker"))
    if name in ("nia", "ned"):
        accounts.log_event(user=user, by=user, act=AuditAct.JOINED)
    if name == "lou":
        accounts.log_event(user=user, by=user, act=AuditAct.STARTED_AGAIN)
    return user


def approval(user, hours):
    """Return a member's approval, as it is stored or as it is being given."""
    facts = {"user": user, "team_lead": user.username == "lena"}
    if hours is not NOW:
        facts |= {"pk": hours + 1, "approved_at": timezone.now() - timedelta(hours=hours)}
    return Approval(**facts)


@pytest.mark.parametrize(("given", "beside", "asked", "expected"), CASES.values(), ids=CASES)
def test_how_many_people_must_still_approve_and_who(
    given,
    beside,
    asked,
    expected,
):
    people = {
        name: colleague(name) for name in dict.fromkeys([*beside, *(name for name, _ in given)])
    }
    approved = [approval(people[name], hours) for name, hours in given]
    if isinstance(expected, int):
        assert approvals.still_needed(given=approved, **asked) == expected
    else:
        with pytest.raises(Refused, match=expected):
            approvals.still_needed(given=approved, **asked)
