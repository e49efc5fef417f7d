"""A police referral in a real browser, with scripts and without.

One keyholder drafts and approves, another approves, it leaves.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import follow, press, unfold, violations

NUMBERED = re.compile(r"^Member \d+$")  # who approved, by their number
OURS = "A white van calls at the allotments after dark."
# A second keyholder, and a tip whose sender agrees to the police; prints the keyholder's words and the tip's key.
BEGIN = """
from django.contrib.auth.models import Group, User
from reports.domain.intake import receiving
from reports.domain.intake import outbox
from reports.domain.keys import keyholders
from reports.models import Member, Referral, Tip
from reports.sealing import receipts
Referral.objects.filter(author="demo").delete()
user = User.objects.create_user("olive", password="olive-password-1", is_staff=True)
user.groups.set(Group.objects.filter(name="Caseworker"))
print(keyholders.enrol(user=user))
member, demo = Member.objects.get(user=user), User.objects.get(username="demo")
keyholders.grant(member=member, compared=member.recipient, by=demo, passphrase="{passphrase}")
token = receipts.new_token()
receiving.accept(token=token, answers={{"what": "The van by the allotments comes at night.", "police": "yes"}})
outbox.drain()
print(Tip.objects.get(lookup=receipts.lookup(token)).pk)
"""
END = """
from django.contrib.auth.models import User
from reports.domain.keys import keyholders
from reports.models import Member, Referral
Referral.objects.filter(author="demo").delete()
olive = User.objects.get(username="olive")
demo = User.objects.get(username="demo")
keyholders.revoke(member=Member.objects.get(user=olive), by=demo, passphrase="{passphrase}")
olive.delete()
"""


@pytest.fixture
def begun(demonstration):
    """Return the second keyholder's words and the key of a tip; afterwards the desk has one keyholder again."""
    words, pk = demonstration.shell(BEGIN.format(passphrase=demonstration.passphrase)).split("\n")[
        -3:-1
    ]
    yield words, pk
    demonstration.shell(END.format(passphrase=demonstration.passphrase))


def unlock(page, passphrase):
    """Type the words into whatever asks for them."""
    page.get_by_label("Your six words").fill(passphrase)
    follow(page.locator("#content").get_by_role("button", name="Unlock").first)


def prepare(page):
    """Grade the tip that is open, and write it in the desk's words."""
    unfold(page, "Police", "Grade it")
    page.get_by_label("Information", exact=True).select_option("C")
    page.get_by_label("Handling", exact=True).select_option("P")
    press(page, "Save the grading")
    unfold(page, "Police", "Our wording")
    page.get_by_label("Our wording for the police").fill(OURS)
    page.get_by_label("What was left out").fill("How the sender knows it.")
    press(page, "Save and check")


def second(page, words):
    """Follow the other keyholder's first screen to what waits for an approval: ours, and the demonstration's own."""
    follow(page.get_by_role("link", name=re.compile("referrals? to approve")))
    ours = page.get_by_role("cell", name="demo", exact=True)
    follow(page.locator("#result_list tr").filter(has=ours).locator("th a"))
    assert OURS not in page.content()  # locked: where it stands, and no words
    unlock(page, words)
    return page


def approve(page, button, words):
    """Approve the referral that is open, with the member's own words."""
    press(page, button)
    page.get_by_label("Your six words").fill(words)
    press(page, "Approve a police referral")


def export(page, words):
    """Export the referral that is open, as a PDF."""
    press(page, "Export", exact=False)
    expect(page.get_by_text("Choose who can read the file.").first).to_be_visible()
    page.get_by_label("Anyone who gets it").check()
    press(page, "Export", exact=False)
    page.get_by_label("Your six words").fill(words)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export a police referral").click()
    return Path(download.value.path()).read_bytes()


@pytest.mark.promise("police")
@pytest.mark.parametrize("scripts", [True, False])
def test_a_second_keyholder_signs_and_the_referral_leaves(
    sign_in,
    demonstration,
    begun,
    scripts,
):
    """A second keyholder approves and the referral leaves, with scripts and without."""
    words, pk = begun
    first = sign_in(scripts=scripts)
    first.goto(f"/admin/unlock/?next=/admin/reports/tip/{pk}/change/")
    unlock(first, demonstration.passphrase)
    prepare(first)
    unfold(first, "Police", "In a police referral")
    press(first, "Draft a police referral")
    expect(first.get_by_text(OURS)).to_be_visible()
    for question in (
        "What was seen, and what is hearsay",
        "Could it be about who somebody is",
        "Who could be hurt",
    ):
        first.get_by_label(question).fill("Nobody that we know of.")
    press(first, "Save the answers", exact=False)
    approve(first, "Approve this referral", demonstration.passphrase)
    expect(first.locator("[aria-labelledby=approving-title] li b")).to_have_text([NUMBERED])
    assert (
        first.get_by_role("button", name="approv", exact=False).count() == 0
    )  # nobody approves twice
    assert first.get_by_role("button", name="Export").count() == 0  # one approval is not enough

    other = second(sign_in("olive", "olive-password-1", scripts=scripts), words)
    expect(other.get_by_text(OURS)).to_be_visible()
    assert not scripts or not violations(other)
    assert (
        other.get_by_role("button", name="Give the second approval").count() == 0
    )  # they have not read the tip
    referral = other.url
    follow(other.get_by_role("link", name="Read it on the tip’s page, then approve here"))
    other.goto(referral)
    approve(other, "Give the second approval", words)
    expect(other.locator("[aria-labelledby=approving-title] li b")).to_have_text(
        [NUMBERED, NUMBERED]
    )
    assert not scripts or not violations(other)

    first.reload()
    assert export(first, demonstration.passphrase).startswith(b"%PDF")
    if not scripts:  # the page stays
        first.get_by_role("link", name="Cancel").click()
    expect(first.get_by_text("You have exported")).to_be_visible()
    first.context.grant_permissions(["clipboard-read", "clipboard-write"])
    follow(first.get_by_role("link", name="Copy it into the police’s own form"))
    copies = first.get_by_role("button", name="Copy", exact=False)
    expect(first.get_by_role("heading", name="Under no heading")).to_be_visible()
    expect(copies).to_have_count(2 if scripts else 0)
    if scripts:
        copies.last.click()
        expect(first.get_by_text("Copied.")).to_be_visible()
        assert "What it is for: To prevent" in first.evaluate("navigator.clipboard.readText()")
        assert not violations(first)
    first.go_back()
    expect(first.get_by_label("Your six words")).to_have_count(0)
