"""Exercises 3, 5 and 7 of docs/training.md, walked on the demonstration as it is made: the sheet says what one sees."""

import re

from playwright.sync_api import expect

from reports.management.demo import SECOND, WORDING
from tests.system.browser.conftest import find, follow, press, unfold
from tests.system.harness.homes import ROOT

SHEET = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
NUMBERED = re.compile(r"^Member \d+$")  # who approved, by their number
REASON = "Another street, another day, and seen once."


def asked_for(section):
    """Return an exercise as the sheet has it, so that what is pressed here stands there too."""
    return SHEET.split(f"## {section}. ")[1].split("\n## ")[0]


def named(section, label):
    """Return a label, which the exercise has to name."""
    assert f"“{label}”" in " ".join(asked_for(section).split()), (
        f"exercise {section} does not name {label}"
    )
    return label


def test_two_of_three_tips_turn_out_to_be_one(queue):
    page = queue()
    page.goto("/admin/reports/enquiry/")
    follow(page.get_by_role("link", name=named(3, "paper kite")))
    expect(page.get_by_text("3 tips, at most 3 sources")).to_be_visible()
    enquiry = page.url
    rows = page.locator("#tips li")
    first, again, other = (
        rows.filter(has_text=text).locator("a.ref")
        for text in ("stops by the garages", "lost my seven", "three drives")
    )
    again_reference, other_reference = again.inner_text(), other.inner_text()
    follow(first)
    follow(page.get_by_role("link", name=named(3, "Look for related tips")))
    match = page.locator(".match")
    expect(match).to_have_count(2)
    press(match_of(page, again_reference), named(3, "Related: count as one source"), exact=False)
    row = match_of(page, other_reference)
    row.locator(
        "summary", has_text=named(3, "To mark these as independent sources, say why")
    ).click()
    row.get_by_label("Why? (encrypted)").fill(REASON)
    press(row, named(3, "Related, but independent sources"), exact=False)
    page.goto(enquiry)
    expect(page.get_by_text("3 tips, 2 sources")).to_be_visible()
    expect(rows.filter(has_text=again_reference)).to_contain_text("Police: in our words")


def test_a_referral_that_says_too_much_is_mended_and_approved_by_two(sign_in, demonstration):
    text = (demonstration.home.state / "demo.txt").read_text(encoding="utf-8")
    second = re.search(r"password (.+)\n +Their six words: (.+)\n", text)
    assert second is not None
    page = sign_in()
    page.goto("/admin/reports/referral/?status__exact=approved_once")
    follow(page.locator("#result_list tr", has_text=SECOND).locator("th a"))
    referral = page.url
    unlock(page, demonstration.passphrase)
    approvers = page.locator("[aria-labelledby=approving-title] li b")
    expect(approvers).to_have_text([NUMBERED])
    wording = page.locator("#report-1 ~ div .what")
    expect(wording).to_have_text(WORDING)
    expect(page.get_by_text(named(5, "You have not read this tip."))).to_be_visible()
    follow(page.locator("#report-1 a.ref"))
    expect(page.locator(".what").first).to_contain_text("so I may be wrong")
    unfold(page, "Police", named(5, "Our wording"))
    mended = WORDING.replace(
        "They grow cannabis there.", "Someone thinks that cannabis may be grown there."
    )
    page.get_by_label("Our wording for the police").fill(mended)
    press(page, named(5, "Save and check"))
    page.goto(referral)
    expect(page.locator(".original")).to_contain_text("so I may be wrong")
    expect(
        page.get_by_text(named(5, "Nobody has approved this referral as it stands now."))
    ).to_be_visible()
    page.get_by_label("Why does it go to the police all the same?").fill("The heat was seen.")
    approve(page, named(5, "Approve this referral"), demonstration.passphrase)
    expect(approvers).to_have_text([NUMBERED])

    other = sign_in(SECOND, second[1])
    other.goto(referral)
    unlock(other, second[2])
    expect(other.locator("#report-1 ~ div .what")).to_have_text(mended)
    expect(other.locator(".original")).to_contain_text("so I may be wrong")
    approve(other, named(5, "Give the second approval"), second[2])
    expect(other.locator("[aria-labelledby=approving-title] li b")).to_have_text(
        [NUMBERED, NUMBERED]
    )
    expect(other.locator("header .chip").first).to_have_text("Approved")


def test_a_rivals_tip_is_marked_and_does_not_go_to_the_police(queue):
    page = queue()
    find(page, "I have never been in but I saw it with my own eyes")
    page.get_by_label(named(7, "Possibly malicious")).check()
    page.locator("summary", has_text=named(7, "Why it may be malicious")).click()
    page.get_by_label("Why may it be malicious?").select_option(
        named(7, "A competitor of the person it is about")
    )
    press(page, "Save")
    expect(page.locator("header .chip").filter(has_text="possibly malicious")).to_be_visible()
    unfold(page, "Police", named(7, "In a police referral"))
    press(page, named(7, "Draft a police referral"))
    problem = page.get_by_text("demo marked it as possibly malicious.").first
    expect(problem).to_be_visible()
    press(page, named(7, "Withdraw this referral"))


def match_of(page, reference):
    """Return the part of the page of related tips that is about one of them."""
    return page.locator(".match", has=page.locator(f"#match-{reference}"))


def unlock(page, words):
    """Unlock the referral that is open."""
    page.get_by_label("Your six words").fill(words)
    follow(page.locator("#content").get_by_role("button", name="Unlock").first)


def approve(page, button, words):
    """Approve the referral that is open, with the member's own words."""
    press(page, button)
    page.get_by_label("Your six words").fill(words)
    press(page, "Approve a police referral")
