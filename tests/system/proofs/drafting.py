"""What a member types and does not save: kept by the page's script, sent while signed out, and found again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.system.harness.member import Member
    from tests.system.proofs.walk import Secrets

BEGIN, KEEP, CARRIED = "/admin/reports/enquiry/begin/", "/admin/draft/", "/admin/draft/carried/"


def draft(member: Member, secrets: Secrets) -> None:
    """Keep half a summary, send another while signed out, and a third from a page that is older than a sign-in."""
    fields = member.get(BEGIN).form("").fields
    kept = secrets.new("a draft")
    assert member.post(KEEP, fields | {"text": kept}).status == 204
    assert kept in member.get(BEGIN).text, "the draft does not stand in its box"
    session = member.cookies.pop("staff")
    page = member.post(BEGIN, fields | {"text": secrets.new("a text that was sent while signed out")})
    assert page.form("/admin/login/").fields["carried"], "nothing is carried"
    member.cookies["staff"] = session
    old = secrets.new("a text from a page that was too old")
    page = member.post(BEGIN, fields | {"text": old, "csrfmiddlewaretoken": "old"})
    assert old not in page.text, "the text stands in the page"
    assert old in member.submit(page, CARRIED).text, "the text did not come back"
