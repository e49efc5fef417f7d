"""`manage.py role_matrix`: write docs/roles.md from the code, so that the two never differ."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from reports.admin.people.roles import Address, addresses
from reports.domain.rights import DUTIES, ROLES

PATH = settings.BASE_DIR / "docs" / "roles.md"

BELOW = "## Roles and addresses\n\n"  # what stands below this heading is the command’s


class Command(BaseCommand):
    """Write docs/roles.md."""

    help = "Write docs/roles.md (who may do what at which address) from the code."

    def handle(self, *args: Any, **options: Any) -> None:
        PATH.write_text(document(), encoding="utf-8")
        self.stdout.write(f"Wrote {PATH}.")


def document() -> str:
    """Return the text of docs/roles.md; its addresses stand together where the same people may do the same."""
    groups: dict[str, set[str]] = {}
    for address in addresses():
        groups.setdefault(_heading(address), set()).add(f"`/admin/{address.pattern}`")
    parts = [
        f"### {heading}\n\n" + ",\n".join(sorted(group))
        for heading, group in sorted(groups.items())
    ]
    duties = "\n".join("- **{}**:{}.".format(*str(duty).split(":", 1)) for duty in DUTIES.values())
    head = PATH.read_text(encoding="utf-8").partition(BELOW)[0]
    return f"{head}{BELOW}" + "\n\n".join([duties, *parts]) + "\n"


def _heading(address: Address) -> str:
    """Return who may look, and who may send."""
    look = _who(address, "GET")
    send = _who(address, "POST")
    if look == send:
        if look:
            return f"Look and send: {look}"
        return "Nobody"
    return ". ".join(f"{verb}: {who}" for verb, who in (("Look", look), ("Send", send)) if who)


def _who(address: Address, method: str) -> str:
    if address.open_to(None, method):
        return "anybody"
    roles = [role for role in ROLES if address.open_to(role, method)]
    if len(roles) == len(ROLES):
        return "every member"
    return ", ".join(roles)
