"""A demonstration's desk: one member, and a dozen invented tips sent through the real intake."""

import csv
import secrets
from datetime import date
from pathlib import Path
from typing import Any

import frontmatter
from django.conf import settings
from django.utils import timezone

from reports.domain import desk, enquiries, intake
from reports.domain.errors import Refused
from reports.domain.figures import counting
from reports.domain.intake import outbox, photos
from reports.domain.keys import keyholders
from reports.domain.people import joining
from reports.domain.triage import labels
from reports.models import Member, Tip
from reports.sealing import receipts

USERNAME = "demo"
TIPS = settings.BASE_DIR / "seeds" / "tips"
FIGURES = settings.BASE_DIR / "seeds" / "figures.csv"
SAME_CAR = ("02-grey-car-at-the-shops.md", "03-same-car-at-the-school.md", "04-same-car-long-drive.md")
SUMMARY = """\
Invented for the demonstration.

What holds it together: a grey hatchback, XX99 ZZX, in three tips from two ends of the place.
What is not known: whether the three come from three people.
Next: ask the second sender which days, in a message. Nobody goes there to look."""
PROFILE = desk.Profile(
    controller="Streetlight demonstration",
    address="1 Example Street, Anytown AN1 1AA",
    contact="privacy@example.org",
    safeguarding="Safeguarding lead (invented), 01632 960001",
    duty="Duty contact (invented)",
    duty_email="duty@example.org",
    reading_days="weekdays",
    demo=True,
    body="an invented charity",
    readers="two invented volunteers",
    police="No police force has a part in this.",
    funding="Nobody pays for a demonstration.",
    people=("Sam Example, editor (invented)",),
)


def make() -> None:
    """Make the desk and its tips, and write how to sign in to `demo.txt` (0600). Refused outside a demonstration."""
    if not settings.DEMO:
        raise Refused("Only a demonstration has a demonstration's desk.")
    desk.require_empty()
    password = "-".join(secrets.choice(("lamp", "lantern", "beacon", "candle")) for _ in range(2)) + secrets.token_hex(
        4
    )
    member = joining.join(username=USERNAME, password=password, roles=["Team lead", "Editor"])
    passphrase = keyholders.enrol(user=member)
    keyholders.found_desk(first=Member.objects.get(user=member))
    desk.save_profile(PROFILE)
    sent = {path.name: send(path) for path in sorted(TIPS.glob("*.md"))}
    outbox.drain()
    labels.begin_with_the_usual(by=member)
    enquiry = enquiries.begin(by=member, codename="quiet lantern", summary=SUMMARY)
    for name in SAME_CAR:  # whether they are related is left for visitors to say
        enquiries.link(tip=Tip.objects.get(lookup=receipts.lookup(sent[name].token)), enquiry=enquiry, by=member)
    mailbox = sent[min(sent)]
    tip = Tip.objects.get(lookup=receipts.lookup(mailbox.token))
    make_figures(today=timezone.localdate())
    path = settings.STATE_DIR / "demo.txt"
    sign_in = f"""
A demonstration. Nobody reads what is sent here.
  Team area:       {settings.SITE_ORIGIN}/admin/
  Username:        {USERNAME}
  Password:        {password}
  Six words:       {passphrase}
  Messages page:   {settings.SITE_ORIGIN}/mailbox/
  Seven words:     {" ".join(mailbox.words)}
  (of the sender of {tip.reference}: write to them from the tip's page)
This is in {path} too.
"""
    desk.write(path, sign_in.encode())


def send(path: Path) -> intake.Receipt:
    """Send one invented tip, and its picture where it has one, as a resident would; return its receipt."""
    tip: dict[str, Any] = frontmatter.load(str(path)).to_dict()
    answers = {"what": tip["content"], **tip["answers"]}
    receipt = intake.accept(token=receipts.new_token(), answers=answers)
    if photo := tip.get("photo"):
        intake.send_photos(token=receipt.token, pictures=[photos.clean((path.parent / photo).read_bytes())])
    return receipt


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
            cell = row["cell"] if row["cell"] in cells else counting.NOT_SAID  # they are of the example's areas
            cells[cell] += int(row["count"])
    for quarter, totals in totals_by_quarter.items():
        counting.release(quarter=quarter, totals=totals, today=counting.comes_out(quarter))
