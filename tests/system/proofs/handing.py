"""What a member types on the way of a tip to the police, each with a random secret in it, and what then leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.system.harness.home import Home
    from tests.system.harness.member import Member
    from tests.system.proofs.walk import Secrets

A_DAY_AGO = (
    "from reports.domain.keys.own_keys import open_own; from reports.models import Signature; "
    "from tests.reports.handing import signed_earlier; one = Signature.objects.get(); "
    "signed_earlier(one, own=open_own(user=one.user, phrase={phrase!r}))"
)


def hand_over(member: Member, home: Home, secrets: Secrets) -> None:
    """Grade a tip, write it in other words, name a danger, sign it alone, export it twice, confirm it."""
    address = member.tips()[0]
    acts, page = address.removesuffix("change/"), member.get(address)
    token = {"csrfmiddlewaretoken": page.form(f"{acts}save/").fields["csrfmiddlewaretoken"]}
    graded = {"save-information": "C", "save-handling": "C", "save-conditions": secrets.new("conditions")}
    member.press(page, f"{acts}save/", graded)
    refused = {"save-handling": "P", "save-conditions": secrets.new("a refused grading")}
    member.press(member.get(address), f"{acts}save/", refused)
    ours = secrets.new("a text in other words")
    words = {"sanitise-text": f"My neighbour, {ours}", "sanitise-removed": secrets.new("what was left out")}
    tip_page = member.follow(member.post(f"{acts}sanitise/", token | words | {"sanitise-seen": "0"}))
    assert ours in tip_page.text, "the text is not on its tip's page"
    names = {part.split('"')[0] for part in tip_page.text.split('name="')[1:] if part.startswith("sanitise-stays-")}
    stays = {name: secrets.new("why it stays") for name in names}
    assert stays, "nothing was asked about the neighbour"
    member.follow(member.post(f"{acts}sanitise/", token | words | stays | {"sanitise-seen": "1"}))
    member.post(f"{acts}sanitise/", token | {"sanitise-text": secrets.new("a refused text"), "sanitise-seen": "0"})
    drafted = member.post(acts.replace("/tip/", "/pack/draft/tip/"), token)
    pack = drafted.headers["location"].removesuffix("change/")
    danger = {"ground": "life", "danger": secrets.new("a danger to life")}
    member.follow(member.post(f"{pack}danger/", token | danger))
    words = {"phrase": member.desk["phrase"]}
    seen = {"seen": member.get(f"{pack}change/").form("").fields["seen"]} | words
    member.follow(member.post(f"{pack}sign/", token | seen))
    home.manage("shell", "-c", A_DAY_AGO.format(phrase=member.desk["phrase"]))
    member.follow(member.post(f"{pack}alone/", token | seen))
    assert ours in member.post(f"{pack}export/", token | {"kind": "json", "partner": ""} | words).text, (
        "nothing was exported"
    )
    assert member.post(f"{pack}export/", token | {"kind": "pdf", "partner": ""} | words).status == 200
    member.post(f"{pack}confirm/", token | {"reference": secrets.new("a refused reference"), "who": ""})
    confirmation = {"reference": secrets.new("the reference of the police"), "who": secrets.new("who confirmed it")}
    assert confirmation["who"] in member.follow(member.post(f"{pack}confirm/", token | confirmation)).text
