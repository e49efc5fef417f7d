"""A demonstration's desk: two members, and invented tips sent through the real intake.

Some of them the second member has worked on already, by the verbs that the pages use, so that an evening of training
(docs/training.md) finds an answer, a referral and a public result that wait.
"""

import csv
import secrets
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import frontmatter
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from newsroom.models import Article
from reports.domain import enquiries, state_files
from reports.domain.errors import Refused
from reports.domain.figures import counting
from reports.domain.intake import outbox, photos, receiving
from reports.domain.keys import keyholders, passphrases
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import sender_messages
from reports.domain.outcomes import public_results
from reports.domain.people import joining
from reports.domain.people.accounts import Reauthentication
from reports.domain.referrals import grading, own_words, police_referrals
from reports.domain.tips import opening
from reports.domain.triage import labels
from reports.models import Enquiry, Member, Tip
from reports.sealing import receipts

USERNAME = "demo"
SECOND = "robin"
TIPS = settings.BASE_DIR / "seeds" / "tips"
FIGURES = settings.BASE_DIR / "seeds" / "figures.csv"
SAME_CAR = (
    "02-grey-car-at-the-shops.md",
    "03-same-car-at-the-school.md",
    "04-same-car-long-drive.md",
)
SUMMARY = """\
Invented for the demonstration.

What holds it together: a grey hatchback, XX99 ZZX, in three tips from two ends of the place.
What is not known: whether the three come from three people.
Next: ask the second sender which days, in a message. Nobody goes there to look."""
SAME_VAN = ("15-van-at-the-garages.md", "16-the-same-van-again.md", "17-van-across-the-drive.md")
SUMMARY_OF_VAN = "A white van, YX99 XXY. Nobody has compared these yet."
# What the second member has worked on.
ASKED = "06-packages-over-the-fence.md"
REFERRED = "11-warm-roof.md"
QUESTION = "Thank you. Is the picture from the same day as what you wrote about?"
ANSWER = "Yes, from the second time. The other time it was too dark for a picture."
WORDING = (
    "The end house on Wickhurst Bank has foil behind its windows. Nobody seems to live there. It was the one roof of "
    "its row without frost, and fans are heard at all hours. A blue van with a ladder calls at night. They grow "
    "cannabis there."
)
ANSWERS = {
    "observed": "The foil, the roof, the fans and the van were seen and heard. That cannabis is grown is a conclusion.",
    "about": "Nothing says so. It is about a house, and names nobody.",
    "hurt": "Nobody seems to live there. Neighbours share its walls.",
}
LEFT_OUT = "How it came to be noticed, and that it was worked out and not seen."
RESULT = "Tips including ones like yours helped lead to new lights behind the shops."
PROFILE = state_files.Profile(
    safeguarding="Safeguarding lead (invented), 01632 960001",
    safeguarding_adults="Adult social care (invented), 01632 960002",
    duty="Duty contact (invented)",
    duty_email="duty@example.org",
)


class DemoMember(NamedTuple):
    """A member, and what they sign in and unlock with."""

    user: User
    password: str
    passphrase: str


def make() -> None:
    """Make the desk and its tips, and write how to sign in to `demo.txt` (0600). Refused outside a demonstration."""
    if not settings.DEMO:
        raise Refused("Only a demonstration has a demonstration's desk.")
    state_files.require_empty()
    lead = _join(USERNAME, "Team lead", "Editor")
    keyholders.found_desk(first=Member.objects.get(user=lead.user))
    second = _join(SECOND, "Caseworker")
    newcomer = Member.objects.get(user=second.user)
    keys = keyholders.grant(
        member=newcomer, compared=newcomer.recipient, by=lead.user, passphrase=lead.passphrase
    )
    state_files.save_profile(PROFILE)
    shown = passphrases.reauthenticate(user=second.user, passphrase=second.passphrase)
    sent = {name: send(TIPS / name) for name in (ASKED, REFERRED)}
    outbox.drain(wait=True)
    opening.open_new(
        by=second.user, keys=keys, seconds=60
    )  # the others come later: nobody has opened them
    _ask(sent[ASKED], by=second.user, keys=keys)
    _refer(_tip(sent[REFERRED]), by=second.user, keys=keys, shown=shown)
    sent |= {path.name: send(path) for path in sorted(TIPS.glob("*.md")) if path.name not in sent}
    outbox.drain(wait=True)
    labels.begin_with_the_usual(by=lead.user)
    enquiry = _begin_enquiry(
        "quiet lantern", SUMMARY, [sent[name] for name in SAME_CAR], by=lead.user
    )
    _begin_enquiry("paper kite", SUMMARY_OF_VAN, [sent[name] for name in SAME_VAN], by=lead.user)
    if article := Article.objects.published().first():
        facts: dict[str, Any] = {"enquiry": enquiry, "article": article, "sentence": RESULT}
        public_results.propose(**facts, by=second.user, keys=keys, reauthentication=shown)
    make_figures(today=timezone.localdate())
    state_files.write(
        settings.STATE_DIR / "demo.txt", _how_to_sign_in(lead, second, sent[min(sent)]).encode()
    )


def _how_to_sign_in(lead: DemoMember, second: DemoMember, mailbox: receiving.Receipt) -> str:
    return f"""
A demonstration. Nobody reads what is sent here.
  Team area:       {settings.SITE_ORIGIN}/admin/
  Username:        {USERNAME}
  Password:        {lead.password}
  Six words:       {lead.passphrase}
  Messages page:   {settings.SITE_ORIGIN}/mailbox/
  Seven words:     {" ".join(mailbox.words)}
  (of the sender of {_tip(mailbox).reference}: write to them from the tip's page)
  Second member:   {SECOND}, password {second.password}
  Their six words: {second.passphrase}
This is in {settings.STATE_DIR / "demo.txt"} too.
"""


def send(path: Path) -> receiving.Receipt:
    """Send one invented tip, and its picture where it has one, as a resident would; return its receipt."""
    tip: dict[str, Any] = frontmatter.load(str(path)).to_dict()
    answers = {"what": tip["content"], **tip["answers"]}
    receipt = receiving.accept(token=receipts.new_token(), answers=answers)
    if photo := tip.get("photo"):
        receiving.send_photos(
            token=receipt.token, pictures=[photos.clean((path.parent / photo).read_bytes())]
        )
    return receipt


def _join(username: str, *roles: str) -> DemoMember:
    """Make an account at the console, which counts as a second person at once, and its key, which opens nothing yet."""
    lights = [secrets.choice(("lamp", "lantern", "beacon", "candle")) for _ in range(2)]
    password = "-".join(lights) + secrets.token_hex(4)
    user = joining.join(username=username, password=password, roles=roles)
    return DemoMember(user, password, keyholders.enrol(user=user))


def _tip(receipt: receiving.Receipt) -> Tip:
    return Tip.objects.get(lookup=receipts.lookup(receipt.token))


def _ask(receipt: receiving.Receipt, *, by: User, keys: Keys) -> None:
    """Ask the sender of a tip something, and answer in their place."""
    tip = _tip(receipt)
    opening.read(tip=tip, by=by, keys=keys)
    message = sender_messages.write(tip=tip, text=QUESTION, question=True, by=by, keys=keys)
    receiving.reply(token=receipt.token, text=ANSWER, after=message.number)


def _refer(tip: Tip, *, by: User, keys: Keys, shown: Reauthentication) -> None:
    """Approve the referral of a tip once, in a wording whose last sentence says too much, for its reader to find."""
    opening.read(tip=tip, by=by, keys=keys)
    grading.grade(
        tip=tip, source="2", information="D", handling="P", conditions="", seen=0, by=by, keys=keys
    )
    texts: dict[str, Any] = {"text": WORDING, "removed": LEFT_OUT, "contact": "", "stays": {}}
    own_words.save(tip=tip, **texts, position=1, seen=0, by=by, keys=keys, answers=ANSWERS)
    referral = police_referrals.draft(tips=[tip], by=by, keys=keys)
    police_referrals.read(referral=referral, by=by, keys=keys)
    police_referrals.approve(referral=referral, by=by, keys=keys, reauthentication=shown)


def _begin_enquiry(
    codename: str, summary: str, sent: Iterable[receiving.Receipt], *, by: User
) -> Enquiry:
    """Begin an enquiry with tips that share a car; whether they are related is left for visitors to say."""
    enquiry = enquiries.begin(by=by, codename=codename, summary=summary)
    for receipt in sent:
        enquiries.link(tip=_tip(receipt), enquiry=enquiry, by=by)
    return enquiry


def make_figures(*, today: date) -> None:
    """Release the invented figures of the last four quarters, as maintenance would have done on their days."""
    quarters = [counting.quarter_of(today)]
    while len(quarters) < 4 or counting.comes_out(quarters[3]) > today:
        quarters = [counting.quarter_before(quarters[0]), *quarters][:4]
    totals_by_quarter = {quarter: counting.nothing() for quarter in quarters}
    with FIGURES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            quarter = quarters[3 - int(row["quarters_ago"])]
            cells = totals_by_quarter[quarter][row["measure"]][row["table"]]
            cell = (
                row["cell"] if row["cell"] in cells else counting.NOT_SAID
            )  # they are of the example's areas
            cells[cell] += int(row["count"])
    for quarter, totals in totals_by_quarter.items():
        counting.release(quarter=quarter, totals=totals, today=counting.comes_out(quarter))
