"""What a member and a sender read of a machine: in this process, which has its state folder and its moment."""

import os
import time
from typing import Any

from django.conf import settings
from django.test import Client

UNLOCK = "/admin/unlock/"


def parts(wanted: dict[str, str]) -> dict[str, Any]:
    """Take in what waits; return the senders' texts, and the parts that do not open."""
    from django.contrib.auth.models import User

    from reports.domain.intake import outbox
    from reports.domain.keys import keyholders
    from reports.domain.tips import opening
    from reports.models import Tip

    while outbox.waiting():
        outbox.drain()
    member = User.objects.get(username=wanted["username"])
    keys = keyholders.unlock(user=member, passphrase=wanted["passphrase"])
    entries = [entry for tip in Tip.objects.all() for entry in opening.open_all(tip=tip, keys=keys)]
    texts = [str(entry.answers["what"]) for entry in entries if entry.answers.get("what")]
    return {"texts": texts, "broken": [str(entry.row.pk) for entry in entries if entry.kind == "broken"]}


def pages(wanted: dict[str, str]) -> dict[str, Any]:
    """Return the answer of each page of a tip, a referral or an enquiry, and a sender's messages."""
    from django.contrib.auth.models import User

    from reports.models import Enquiry, Referral, Tip

    member, sender = (Client(SERVER_NAME="127.0.0.1", SERVER_PORT="8000") for _ in range(2))
    member.force_login(User.objects.get(username=wanted["username"]))
    member.post(UNLOCK, {"passphrase": wanted["passphrase"]})
    kinds = {"tip": Tip, "referral": Referral, "enquiry": Enquiry}
    paths = [f"/admin/reports/{kind}/{row.pk}/change/" for kind, model in kinds.items() for row in model.objects.all()]
    texts = {path: _get(member, path) for path in paths}
    return {"pages": texts, "messages": sender.post("/mailbox/", {"words": wanted["words"]}).text}


def _get(member: Client, path: str) -> str:
    """Return a page. The file of the member's session gets this moment: its own time is the machine's."""
    for file in settings.RUN_DIR.iterdir():
        os.utime(file, (time.time(), time.time()))
    page = member.get(path)
    return page.text if page.status_code == 200 else f"{page.status_code}"
