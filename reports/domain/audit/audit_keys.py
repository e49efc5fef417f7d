"""The key file's audit keys, and what they prove: checkpoints, and through them the times of each key."""

import hashlib
import hmac
from dataclasses import dataclass, field

from reports.models import Checkpoint


@dataclass(frozen=True)
class AuditKeys:
    """What the key file proves: its audit keys, the newest event when it was last written, and whose keys it names.

    `keys` come newest first, each with the first checkpoint that it may prove; `stood_at` is that event's number
    and hash.
    """

    keys: tuple[tuple[int, bytes], ...] = field(repr=False)
    stood_at: tuple[int, str] | None = None

    def key_for(self, number: int) -> bytes:
        """Return the key that checkpoint `number` must be under."""
        return next(key for first, key in self.keys if first <= number or first == 1)

    def wrote(self, checkpoint: Checkpoint) -> bool:
        """Return whether a checkpoint's MAC is by the audit key of its time; earlier and later keys do not count."""
        expected = checkpoint_mac(checkpoint, key=self.key_for(checkpoint.number))
        return hmac.compare_digest(checkpoint.mac.encode(), expected.encode())


def checkpoint_mac(checkpoint: Checkpoint, *, key: bytes) -> str:
    """Return the MAC of a checkpoint: HMAC-SHA256, in hex, over its number, event and hash."""
    text = f"streetlight/1 checkpoint {checkpoint.number} {checkpoint.seq} {checkpoint.hash}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
