"""Reasons that a member types for the team leads: sealed to the desk; a team lead's reading is recorded first."""

from collections.abc import Iterable

from django.contrib.auth.models import User

from reports.domain.audit import audit_log
from reports.domain.errors import Refused
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.rights import RUN_DESK
from reports.models import AuditAct, Hold, Recusal

LENGTH = 2_000  # characters


def seal(row: Hold | Recusal, *, reason: str) -> None:
    """Fill an unsaved row with its sealed reason; raises Refused if that is empty or too long."""
    missing = "Write the reason. Only team leads can read it."
    sealed.fill(row, {"reason": sealed.typed(reason, most=LENGTH, what="Reason", missing=missing)})


def read(*, rows: Iterable[Hold | Recusal], by: User, keys: Keys) -> dict[str, str]:
    """Return the reasons by their rows' ids, after recording that a team lead has read them."""
    require_team_lead(by=by)
    all_rows = list(rows)
    for row in all_rows:
        audit_log.record(by=by, act=AuditAct.READ_REASON, subject=row.tip.reference)
    return {str(row.pk): unsealed.text(row, keys=keys, name="reason") for row in all_rows}


def require_team_lead(*, by: User) -> None:
    """Raise Refused unless the member is a team lead."""
    if not by.has_perm(RUN_DESK):
        raise Refused("Only a team lead can do this. Ask a team lead.")
