"""What a member types about enquiries and related tips, each with a random secret in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.system.harness.member import Member
    from tests.system.proofs.walk import Secrets

BEGIN = "/admin/reports/enquiry/begin/"


def enquire(member: Member, secrets: Secrets) -> None:
    """Begin an enquiry, link tips, write its summary twice and in vain, say what two tips are to each other."""
    first_tip, second_tip, *_ = member.tips()
    acts, page = first_tip.removesuffix("change/"), member.get(first_tip)
    own, reference = (member.get(tip).text.split('<span class="ref">')[1][:9] for tip in (first_tip, second_tip))
    token = {"csrfmiddlewaretoken": page.form(f"{acts}save/").fields["csrfmiddlewaretoken"]}
    first = secrets.new("a summary")
    begun = member.follow(member.post(BEGIN, token | {"codename": "quiet lantern", "text": first}))
    assert first in begun.text, "the summary is not on its page"
    member.post(BEGIN, token | {"codename": f"{secrets.new('a codename that is refused')} 99", "text": first})
    (enquiry,) = {part.split("/")[0] for part in begun.text.split('action="/admin/reports/enquiry/')[1:]}
    there = f"/admin/reports/enquiry/{enquiry}/"
    for seen in ("1", "1"):  # the second is refused, and shown again
        member.follow(member.post(f"{there}summarise/", token | {"seen": seen, "text": secrets.new("a summary")}))
    member.post(f"{there}link/", token | {"tip": secrets.new("a reference that is none")})
    for tip in (own, reference):
        danger = {"danger_choice": "other", "danger_text": secrets.new("what was done about the danger")}
        assert danger["danger_text"] in member.post(f"{there}link/", token | danger | {"tip": f"{tip}-"}).text
        member.follow(member.post(f"{there}link/", token | danger | {"tip": tip}))
    for verdict in ("related", "independent"):
        reason = {"other": reference, "verdict": verdict, "reason": secrets.new(f"why two tips are {verdict}")}
        member.follow(member.post(f"{acts}relate/", token | reason))
    refused = {"other": reference, "verdict": "nonsense", "reason": secrets.new("a reason that is refused")}
    member.post(f"{acts}relate/", token | refused)
    member.post(f"{acts}alone/", token | {"alone-reason": secrets.new("why a tip stands alone")})
    assert member.get(f"{acts}related/").status == 200
    assert f">{reference}<" in member.get(there + "change/").text
