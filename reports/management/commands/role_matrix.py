"""`manage.py role_matrix`: write docs/roles.md from the code, so that the two never differ."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from reports.admin.roles import Address, addresses
from reports.domain.people.roles import DUTIES, ROLES

PATH = settings.BASE_DIR / "docs" / "roles.md"

HEAD = """\
# The roles

Written by `./dev manage role_matrix` from the right that each view names (`newsroom/admin/rights.py`) and the rights
of each role (`reports/domain/people/roles.py`). Change those, then run the command: `tests/site/test_rights.py` fails
while this page differs from the code, a view names no right, or an answer of the Team area is not as this page says.

{duties}

A team lead changes the accounts of team members: name, address, roles, whether they can sign in, and invitations.
Each of these acts asks for the team lead's own six words again. A team lead without a key shows their password, and a
passkey or a code. Nobody sets another person's password: they start again, with a code. The audit log has each
change, with the roles before and after, and the owner and the team leads get an email. Team members whose account was
made, given a role, switched on or invited again within seven days do not count as a second person: not for a police
referral, a picture, a public result, the review of a call, or to show someone a hidden tip again. Where no other
keyholder counts, one approval of a police referral is enough after 24 hours, and the referral says so.

Every upgrade sets the roles again: after each `migrate`, and so after each `prepare`, a role has exactly these
rights. An upgrade undoes what was changed by hand in a role's rights. People keep their roles.

A role opens a page. Text opens only with a key as well. Everything under `/admin/`, except signing in and joining,
first asks for two-step sign-in. Each heading says who can look at the addresses below it (GET), and who can send to
them (POST). HEAD is answered like GET. No other method does anything.
"""


class Command(BaseCommand):
    """Write docs/roles.md."""

    help = "Write docs/roles.md (who may do what at which address) from the code."

    def handle(self, *args: Any, **options: Any) -> None:
        PATH.write_text(document(), encoding="utf-8")
        self.stdout.write(f"Wrote {PATH}.")


def document() -> str:
    """Return the text of docs/roles.md: the addresses, together where the same people may do the same."""
    groups: dict[str, set[str]] = {}
    for address in addresses():
        groups.setdefault(_heading(address), set()).add(f"`/admin/{address.pattern}`")
    parts = [f"### {heading}\n\n" + ",\n".join(sorted(group)) for heading, group in sorted(groups.items())]
    duties = "\n".join("- **{}**:{}.".format(*str(duty).split(":", 1)) for duty in DUTIES.values())
    return "\n\n".join([HEAD.format(duties=duties).rstrip(), *parts]) + "\n"


def _heading(address: Address) -> str:
    """Return who may look, and who may send."""
    look, send = _who(address, "GET"), _who(address, "POST")
    if look == send:
        return f"Look and send: {look}" if look else "Nobody"
    return ". ".join(f"{verb}: {who}" for verb, who in (("Look", look), ("Send", send)) if who)


def _who(address: Address, method: str) -> str:
    if address.open_to(None, method):
        return "anybody"
    roles = [role for role in ROLES if address.open_to(role, method)]
    return "every member" if len(roles) == len(ROLES) else ", ".join(roles)
