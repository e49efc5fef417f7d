"""Runs where the server runs: `python -m tests.proofs.inside found|open`. Secrets pass through pipes, never a disk."""

import json
import sys
from typing import Any

import django


def found(wanted: dict[str, str]) -> dict[str, Any]:
    """Make a real desk with one lead; return everything that was shown once and must be stored nowhere."""
    from django.contrib.auth.models import User

    from reports.domain import desk
    from reports.domain.keys import keyholders
    from reports.domain.people import joining
    from reports.models import Member

    lead = joining.join(username=wanted["username"], password=wanted["password"], roles=["Lead"], by=None)
    phrase = keyholders.enrol(user=lead)
    recovery = keyholders.found_desk(first=Member.objects.get(user=lead))
    desk.save_profile(desk.Profile(controller="A proof", reading_days="no days"))
    desk.refresh_form()
    keys = keyholders.unlock(user=User.objects.get(pk=lead.pk), phrase=phrase)
    codes = joining.recovery_codes(user=lead)
    return wanted | {"phrase": phrase, "recovery": recovery, "identities": list(keys.identities), "codes": codes}


def open_all(wanted: dict[str, str]) -> list[dict[str, Any]]:
    """Drain the outbox and open every stored envelope with the desk's keys, as its members would."""
    from django.contrib.auth.models import User

    from reports.domain.intake import outbox
    from reports.domain.keys import keyholders
    from reports.models import Entry
    from reports.sealing import envelope

    while outbox.waiting():
        outbox.drain()
    if damaged := outbox.damaged():
        raise SystemExit(f"{damaged} files of the outbox are damaged")
    keys = keyholders.unlock(user=User.objects.get(username=wanted["username"]), phrase=wanted["phrase"])
    opened = []
    for entry in Entry.objects.select_related("tip").order_by("tip_id", "position"):
        bundle = envelope.open_sealed(bytes(entry.sealed), identities=keys.identities, bound=entry.bound())
        facts = {"lookup": entry.tip.lookup, "tag": entry.tag, "kind": bundle.content["kind"]}
        opened.append(facts | {"answers": bundle.content.get("answers", {}), "pictures": len(bundle.files)})
    return opened


if __name__ == "__main__":
    django.setup()
    act = {"found": found, "open": open_all}[sys.argv[1]]
    sys.stdout.write(json.dumps(act(json.load(sys.stdin))))
