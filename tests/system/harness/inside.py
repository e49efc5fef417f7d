"""Runs where the server runs: `python -m tests.system.harness.inside found|send|open|pictures`.

Secrets pass through pipes, never a disk.
"""

import json
import sys

import django


def found(wanted):
    """Make a real desk with one team lead; return everything that was shown once and must be stored nowhere."""
    from django.contrib.auth.models import User

    from reports.domain import state_files
    from reports.domain.keys import keyholders
    from reports.domain.people import joining
    from reports.models import Member

    team_lead = joining.join(
        username=wanted["username"], password=wanted["password"], roles=["Team lead"]
    )
    passphrase = keyholders.enrol(user=team_lead)
    recovery = keyholders.found_desk(first=Member.objects.get(user=team_lead))
    state_files.save_profile(state_files.Profile(duty="A proof"))
    state_files.refresh_form()
    keys = keyholders.unlock(user=User.objects.get(pk=team_lead.pk), passphrase=passphrase)
    codes = joining.recovery_codes(user=team_lead)
    return wanted | {
        "passphrase": passphrase,
        "recovery": recovery,
        "identities": list(keys.identities),
        "codes": codes,
    }


def send(wanted):
    """Send so many tips that begin with a word, and move them in; return their texts."""
    from reports.domain.intake import outbox, receiving
    from reports.sealing import receipts

    texts = [f"{wanted['word']}-{number}" for number in range(wanted["count"])]
    for text in texts:
        receiving.accept(token=receipts.new_token(), answers={"what": text})
    while outbox.waiting():
        outbox.drain()
    return texts


def open_all(wanted):
    """Return all that is stored, opened: each entry's kind, answers and number of pictures."""
    opened = []
    for entry, bundle in _bundles(wanted):
        facts = {"lookup": entry.tip.lookup, "tag": entry.tag, "kind": bundle.content["kind"]}
        opened.append(
            facts | {"answers": bundle.content.get("answers", {}), "pictures": len(bundle.files)}
        )
    return opened


def pictures(wanted):
    """Return the bytes of every stored picture, in hexadecimal digits."""
    return [file.hex() for _entry, bundle in _bundles(wanted) for file in bundle.files]


def _bundles(wanted):
    """Drain the outbox and yield every entry with its envelope, opened with the desk's keys as its members would."""
    from django.contrib.auth.models import User

    from reports.domain.intake import outbox
    from reports.domain.keys import keyholders
    from reports.models import Entry
    from reports.sealing import envelope

    while outbox.waiting():
        outbox.drain()
    if damaged := outbox.damaged():
        raise SystemExit(f"{damaged} files of the outbox are damaged")
    keys = keyholders.unlock(
        user=User.objects.get(username=wanted["username"]), passphrase=wanted["passphrase"]
    )
    for entry in (
        Entry.objects.select_related("tip").order_by("tip_id", "position").iterator(chunk_size=500)
    ):
        yield (
            entry,
            envelope.open_sealed(
                bytes(entry.sealed), identities=keys.identities, bound=entry.bound()
            ),
        )


if __name__ == "__main__":
    django.setup()
    act = {"found": found, "send": send, "open": open_all, "pictures": pictures}[sys.argv[1]]
    sys.stdout.write(json.dumps(act(json.load(sys.stdin))))
