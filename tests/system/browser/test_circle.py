"""The whole circle: a tip, a question, an answer, a story, two signatures, and what the receipt then says."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import Demonstration, follow
from tests.system.browser.test_axe import violations
from tests.system.browser.test_story import all_of

pytestmark = pytest.mark.browser

SECRET = "The man with the copper kettle keeps it under the third step"
SENTENCE = "Reports including ones like yours became part of the search of four garages."
TITLE = "Four garages searched"

# What the circle begins with: an editor, a lead and a countersigner beside the demonstration's own member, four more
# tips about the same, and a story that is out.
BEGIN = """
from django.contrib.auth.models import Group, User
from django.utils import timezone
from newsroom.models import Article, Topic
from reports.domain import intake
from reports.domain.intake import outbox
from reports.sealing import receipts
for name, role in (("edith", "Editor"), ("carl", "Countersigner")):
    user = User.objects.create_user(name, password=f"{name}-password-1", is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
for number in range(4):
    intake.accept(token=receipts.new_token(), answers={"what": f"A lock-up that is never locked, number {number}."})
outbox.drain()
topic, _ = Topic.objects.get_or_create(slug="drug-supply", defaults={"name": "Drug supply"})
Article.objects.create(
    slug="four-garages", headline="Four garages searched", standfirst="Police opened four garages.", body="They did.",
    byline="Newsroom", topic=topic, status="published", publish_at=timezone.now(),
)
"""
# The desk's maintenance, as it runs on the next morning.
TOMORROW = """
from datetime import timedelta
from django.utils import timezone
from reports.domain import outcomes
now = timezone.localtime().replace(hour=9) + timedelta(days=1)
print(list(outcomes.maintain(now=now)))
"""
WITHDRAW = """
from django.contrib.auth.models import User
from newsroom.domain import editing
from newsroom.models import Article
editing.withdraw(article=Article.objects.get(slug="four-garages"), by=User.objects.get(username="edith"), note="Wrong.")
"""
LINK = """
from django.contrib.auth.models import User
from reports.domain import enquiries, triage
from reports.models import Enquiry, Tip
by, enquiry = User.objects.get(username="demo"), Enquiry.objects.get(codename="copper kettle")
for tip in Tip.objects.filter(status__in=["new", "reading"], urgent=False, area="", category=""):
    if enquiry.links.count() < 5:
        if tip.status == "new":
            triage.move(tip=tip, to="reading", by=by)
        enquiries.link(tip=tip, enquiry=enquiry, by=by)
print(enquiry.links.count())
"""


@pytest.fixture
def shell(demonstration: Demonstration) -> Callable[[str], str]:
    """Return a function that runs a script on the demonstration's machine."""
    return lambda code: demonstration.home.python("manage.py", "shell", "-v", "0", "-c", code)


def sent(page: Page) -> str:
    """Send a tip, and return the seven words."""
    page.get_by_label("What do you know?").fill(SECRET)
    follow(page.get_by_role("button", name="Check what you wrote"))
    follow(page.get_by_role("button", name="Send this tip"))
    return " ".join(all_of(page, ".receipt-card li", 7))


def mailbox(visit: Callable[..., Page], words: str) -> Page:
    """Open the mailbox; it never shows a word of the tip."""
    page = visit("/mailbox/")
    page.get_by_label("Your seven words").fill(words)
    follow(page.get_by_role("button", name="Open", exact=True))
    assert "copper" not in page.content()
    return page


def state(page: Page) -> str:
    """Return what the mailbox says."""
    return page.locator("#state-title").inner_text()


def member(visit: Callable[..., Page], name: str, password: str) -> Page:
    """Sign a member in."""
    page = visit("/admin/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    follow(page.get_by_role("button", name="Sign in"))
    return page


def ask(page: Page, phrase: str) -> None:
    """Unlock, find the tip among what waits, and ask its sender something."""
    page.goto("/admin/unlock/")
    page.get_by_label("Your six words").fill(phrase)
    follow(page.get_by_role("button", name="Unlock", exact=False).first)
    for _ in range(60):
        page.goto("/admin/next/")
        if SECRET in page.content():
            break
    page.get_by_label("Write to the sender").fill("Is it by day or by night?")
    follow(page.get_by_role("button", name="Send as a question"))
    expect(page.locator("#talk")).to_contain_text("Is it by day or by night?")


def begin(page: Page) -> None:
    """Begin an enquiry with the tip that is open."""
    page.get_by_text("Begin a new one").click()
    page.get_by_label("Codename").fill("copper kettle")
    follow(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator("#enquiries")).to_contain_text("copper kettle")


def propose(page: Page, phrase: str) -> str:
    """Propose the outcome from the enquiry's page, and return its address."""
    page.goto("/admin/reports/enquiry/")
    follow(page.get_by_role("link", name="copper kettle"))
    follow(page.get_by_role("link", name="Propose an outcome"))
    page.get_by_label("The story that tells what came of it").select_option(label=TITLE)
    page.get_by_label("The sentence").fill(SENTENCE)
    page.get_by_label("Your six words").fill(phrase)
    assert violations(page) == []
    follow(page.get_by_role("button", name="Propose", exact=True))
    expect(page.locator(".as-told")).to_contain_text(SENTENCE)
    assert page.get_by_role("button", name="Sign as").count() == 0  # who proposes does not sign
    assert violations(page) == []
    return page.url


def sign(page: Page, address: str, capacity: str) -> None:
    """Sign as an editor or as a lead."""
    follow(page.get_by_role("link", name="to sign"))
    page.goto(address)
    expect(page.locator(".as-told")).to_contain_text(SENTENCE)
    assert "copper" not in page.content()  # no codename either
    follow(page.get_by_role("button", name=f"Sign as {capacity}"))
    expect(page.get_by_role("button", name=f"Sign as {capacity}")).to_have_count(0)


def story(page: Page) -> str:
    """Return the story's page as the edition has it within some seconds."""
    page.goto("/news/four-garages/")
    return page.content()


def until(page: Page, there: bool, text: str = "what residents told us") -> None:
    """Wait until the edition says, or no longer says, something: that residents told."""
    for _ in range(60):
        if (text in story(page)) is there:
            return
        time.sleep(0.5)
    pytest.fail("the edition did not follow")


def test_a_tip_comes_full_circle_and_what_is_withdrawn_is_told_no_more(
    visit: Callable[..., Page], demonstration: Demonstration, shell: Callable[[str], str]
) -> None:
    shell(BEGIN)
    words = sent(visit("/report/"))
    assert state(mailbox(visit, words)) == "Not read yet"

    desk = member(visit, "demo", demonstration.password)
    ask(desk, demonstration.phrase)
    answering = mailbox(visit, words)
    assert state(answering) == "We have a question"
    answering.get_by_label("Write to us").fill("By night, after the copper kettle is out.")
    follow(answering.get_by_role("button", name="Send", exact=True))
    expect(answering.get_by_text("We have what you wrote").first).to_be_visible()

    begin(desk)
    assert shell(LINK).strip().endswith("5")
    address = propose(desk, demonstration.phrase)
    sign(member(visit, "edith", "edith-password-1"), address, "an editor")
    sign(member(visit, "carl", "carl-password-1"), address, "a lead")
    assert state(mailbox(visit, words)) != "Something came of it"
    assert "An outcome was released." in shell(TOMORROW)

    told = mailbox(visit, words)
    assert state(told) == "Something came of it"
    expect(told.get_by_text(SENTENCE)).to_be_visible()
    assert violations(told) == []
    follow(told.get_by_role("link", name=TITLE))
    until(told, there=True)
    assert "5 to 9 reports" in story(told)
    assert violations(told) == []

    shell(WITHDRAW)
    assert state(mailbox(visit, words)) != "Something came of it"
    until(told, there=False)
    until(told, there=True, text="Wrong.")  # a plain tombstone stands there first
