"""Reasons that a member types for the leads: sealed to the desk, and read by a lead only after that is recorded."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from reports.domain import audit
from reports.domain.errors import Refused, too_long
from reports.domain.keys import sealed
from reports.models import AuditAct, Hold, Recusal

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from reports.domain.keys.keyholders import Keys

LENGTH = 2_000  # characters


def seal(row: Hold | Recusal, *, reason: str) -> None:
    """Fill an unsaved row with its sealed reason; raises Refused when there is none, or too much of it."""
    text = reason.replace("\r\n", "\n").strip()
    if not text:
        raise Refused(_("Write the reason. Only leads can read it."))
    if len(text) > LENGTH:
        said = _("A reason has room for %(room)s characters; this one has %(length)s.")
        raise too_long(said, room=LENGTH, text=text)
    sealed.fill(row, {"reason": text})


def read(*, rows: Iterable[Hold | Recusal], by: "User", keys: "Keys") -> dict[str, str]:
    """Return the reasons by the rows' ids, after recording that a lead has read them."""
    require_lead(by=by)
    wanted = list(rows)
    for row in wanted:
        audit.record(by=by, act=AuditAct.READ_REASON, subject=row.tip.reference)
    broken = _("This reason does not open, or does not belong here. Tell a lead.")
    return {str(row.pk): sealed.text(row, keys=keys, broken=broken, name="reason") for row in wanted}


def require_lead(*, by: "User") -> None:
    """Refuse whoever does not run the desk."""
    if not by.has_perm("reports.run_desk"):
        raise Refused(_("Only a lead can do that."))
