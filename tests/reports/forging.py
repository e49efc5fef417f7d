"""What anybody can leave who has taken a public machine: it knows lookups, and the key that tips are sealed to."""

import uuid

from django.utils import timezone

from reports.domain import state_files
from reports.models import Arrival
from reports.sealing import envelope, keyring, receipts


def leave(lookup, *, day=None, **content):
    """Leave an envelope under a lookup with this content, under a day of one's choice."""
    key, pk, tag = state_files.public_key(), str(uuid.uuid4()), uuid.uuid4().hex
    bound = {"id": pk, "lookup": lookup, "tag": tag, "key": key.index}
    sealed = envelope.seal(envelope.Bundle(bound, content), recipients=[key.recipient])
    facts = {"received": day or timezone.localdate(), "key_index": key.index}
    Arrival.objects.create(id=pk, lookup=lookup, tag=tag, sealed=sealed, **facts)


def swap_desk_pub():
    """Put somebody else's key where the form looks for the desk's."""
    stranger = keyring.recipient_of(keyring.new_identity())
    (state_files.folder() / "desk.pub").write_text(f"# streetlight desk key 1\n{stranger}\n")


def stranger():
    """Return somebody else's recipient for replies."""
    return receipts.tipster_recipient(receipts.new_token())
