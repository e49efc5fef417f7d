"""What a member and a sender read of a machine: in this process, which has its state folder and its moment."""

import os
import time

from django.conf import settings
from django.test import Client

UNLOCK = "/admin/unlock/"


def parts(wanted):
    """Take in what waits; return the senders' texts, how many rows each sealed table has, and what does not open."""
    from django.apps import apps
    from django.contrib.auth.models import User

    from reports.domain.errors import Swapped
    from reports.domain.intake import outbox
    from reports.domain.keys import keyholders, unsealed
    from reports.domain.tips import opening
    from reports.models import Digest, Tip

    while outbox.waiting():
        outbox.drain()
    member = User.objects.get(username=wanted["username"])
    keys = keyholders.unlock(user=member, passphrase=wanted["passphrase"])
    shut = list[str]()
    tables = [
        model for model in apps.get_app_config("reports").get_models() if hasattr(model, "bound")
    ]
    for row in [
        row for model in tables if model is not Digest for row in model._base_manager.all()
    ]:
        try:
            unsealed.bundle(row, keys=keys)
        except Swapped:
            shut.append(f"{type(row).__name__} {row.pk}")
    entries = [entry for tip in Tip.objects.all() for entry in opening.open_all(tip=tip, keys=keys)]
    texts = [str(entry.answers["what"]) for entry in entries if entry.answers.get("what")]
    rows = {model.__name__: model._base_manager.count() for model in tables}
    return {
        "texts": texts,
        "rows": rows,
        "shut": shut,
        "broken": [e.kind for e in entries if e.kind == "broken"],
    }


def pages(wanted):
    """Return the answer of each page of a tip, a referral or an enquiry, and a sender's messages."""
    from django.contrib.auth.models import User

    from reports.models import Enquiry, Referral, Tip

    member, sender = (Client(SERVER_NAME="127.0.0.1", SERVER_PORT="8000") for _ in range(2))
    user = User.objects.get(username=wanted["username"])
    member.force_login(user)
    member.post(UNLOCK, {"passphrase": wanted["passphrase"]})
    rows = [
        *Tip.objects.visible_to(user),
        *Referral.objects.visible_to(user),
        *Enquiry.objects.all(),
    ]
    paths = [f"/admin/reports/{row._meta.model_name}/{row.pk}/change/" for row in rows]
    paths += [path.replace("/change/", "/related/") for path in paths if "/tip/" in path]
    texts = {path: _get(member, path) for path in paths}
    return {"pages": texts, "messages": sender.post("/mailbox/", {"words": wanted["words"]}).text}


def _get(member, path):
    """Return a page. The file of the member's session gets this moment: its own time is the machine's."""
    for file in settings.RUN_DIR.iterdir():
        os.utime(file, (time.time(), time.time()))
    page = member.get(path)
    return page.text if page.status_code == 200 else f"{page.status_code}"
