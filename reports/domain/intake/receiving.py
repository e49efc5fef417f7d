"""Receiving a tip: token in, sealed envelope out, and a receipt only when it is stored."""

import hashlib
import hmac
import json
import logging
import secrets
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from reports.domain import state_files
from reports.domain.errors import DeskBroken, NotReceived
from reports.domain.intake import outbox
from reports.domain.intake.rate_limit import RateLimit
from reports.sealing import envelope, receipts
from reports.sealing.keyring import DeskPub

TICK = 5  # seconds: the form carries its age no finer than this
OLDEST = 24 * 3600 // TICK  # ticks after which a form's mark counts as stale
DRAWN = 16  # random hexadecimal digits at the start of each mark: no two pages have the same
PHOTO_RATE = 30  # bundles of pictures a minute that a process takes before it stops offering
PHOTO_BURST = 60
PROGRAM = frozenset(
    {"filled-trap", "too-fast"}
)  # either alone happens to people: autofill, a short tip
PICTURES = (
    "welcome",
    "stale",
    "suspect",
)  # what a receipt says of pictures: send them, the form was too old, no

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IssuedForm:
    """The hidden fields of a fresh form."""

    token: str
    issued: int  # ticks of TICK seconds since 1970
    mark: str


@dataclass(frozen=True)
class Receipt:
    """The sender's receipt: the token, and the seven words that encode it."""

    token: str
    words: tuple[str, ...]


def issue(*, token: str = "") -> IssuedForm:
    """Return a token (fresh, unless it is given), its time of issue and a mark that proves both; nothing is stored."""
    token = token or receipts.new_token()
    issued = _now()
    return IssuedForm(token, issued, _new_mark("form", token, issued))


def proven_mark(*, token: str, issued: str, mark: str) -> str:
    """Return a form's mark if it proves that we issued the form for this token at this time; else ""."""
    if _is_ours("form", token, _ticks(issued), mark):
        return mark
    return ""


def suspicions(*, token: str, issued: str, mark: str, website: str) -> tuple[str, ...]:
    """Return why a submission looks automated: `filled-trap`, `no-mark`, `too-fast`, `stale`. None refuses a tip."""
    reasons = ["filled-trap"] if website else []
    if not proven_mark(token=token, issued=issued, mark=mark):
        return (*reasons, "no-mark")
    age = _now() - _ticks(issued)
    if age < 1:
        reasons.append("too-fast")
    if age > OLDEST:
        reasons.append("stale")
    return tuple(reasons)


def is_program(suspect: Iterable[str]) -> bool:
    """Return whether a submission ranks below people's: it filled in the hidden box *and* came within one tick.

    Nothing else does: a form that was open for a day, another machine's mark, or one from before a new secret key
    are people's too.
    """
    return PROGRAM.issubset(suspect)


def accept(
    *,
    token: str,
    answers: dict[str, Any],
    suspect: Sequence[str] = (),
    language: str = "",
    mark: str = "",
) -> Receipt:
    """Seal and store a tip and return its receipt; raises NotReceived when it could not be stored.

    `language` is the code of the pages' language, "" for English: it makes no difference to whether a tip is the same.

    The same answers under one token and one page's `mark` are one tip; others, and those of another page, are a
    follow-up. A missing or malformed token gets a fresh one.
    """
    answers = normalised(answers)
    if not receipts.is_token(token):
        token = receipts.new_token()
    facts: dict[str, Any] = {
        "suspect": suspect,
        "language": language,
        "urgent": is_urgent(answers),
        "mark": mark,
    }
    _store(token, {"kind": "tip", "answers": answers}, **facts)
    return Receipt(token, receipts.words(token))


def is_urgent(answers: Mapping[str, Any]) -> bool:
    """Return whether a tip is urgent by what its sender ticked: somebody could be badly hurt, or they are under 18."""
    return answers.get("danger") == "yes" or bool(answers.get("under_18"))


def danger_in(answers: Mapping[str, Any]) -> str:
    """Return "yes" for what is urgent, "unsure" where its sender is not sure, or ""."""
    if is_urgent(answers):
        return "yes"
    if answers.get("danger") == "unsure":
        return "unsure"
    return ""


def send_photos(
    *, token: str, pictures: Sequence[bytes], answer: bool = False, mark: str = ""
) -> None:
    """Seal and store cleaned pictures (JPEG bytes) as a follow-up to the token's tip; raises NotReceived.

    `answer`: they come from its mailbox. The same pictures from the page with one `mark` are stored once.
    """
    hashes = [hashlib.sha256(picture).hexdigest() for picture in pictures]
    _store(
        token,
        {"kind": "photos", "pictures": hashes},
        files=tuple(pictures),
        answer=answer,
        mark=mark,
    )


def reply(
    *,
    token: str,
    text: str = "",
    danger: str = "",
    police: str = "",
    after: int,
    suspect: Sequence[str] = (),
    mark: str = "",
    language: str = "",
) -> None:
    """Seal and store a reply from a mailbox in which message `after` was the newest (0: none).

    The same reply from the page with one `mark` is stored once; from another page it is stored again. An answer about
    the police alone answers no question. Raises NotReceived.
    """
    answers = normalised({"what": text, "danger": danger, "police": police})
    facts: dict[str, Any] = {
        "suspect": suspect,
        "language": language,
        "urgent": is_urgent(answers),
        "mark": mark,
    }
    _store(
        token,
        {"kind": "reply", "answers": answers, "after": after},
        answer=bool(text or danger),
        **facts,
    )


def can_receive() -> bool:
    """Return whether a tip could be received now: something can be sealed to the desk, and something stored."""
    try:
        envelope.seal(envelope.Bundle(bound={}, content={}), recipients=[_desk_key().recipient])
    except NotReceived:
        return False
    return outbox.writable()


def pictures_after(suspect: Iterable[str]) -> str:
    """Return the one of PICTURES that the receipt of a tip with these suspicions says."""
    reasons = set(suspect)
    if "stale" in reasons:
        return "stale"
    return "suspect" if reasons else "welcome"


def receipt_mark(token: str, *, pictures: str) -> str:
    """Return the proof of what this token's receipt says of pictures, one of PICTURES: it can be shown again by it."""
    return _mark(f"receipt {pictures}", token, 0, drawn="")


def pictures_of_receipt(*, token: str, mark: str) -> str:
    """Return the one of PICTURES that a receipt's mark proves; "suspect" where it proves none."""
    for pictures in PICTURES:
        if hmac.compare_digest(mark.encode(), receipt_mark(token, pictures=pictures).encode()):
            return pictures
    return "suspect"


def photo_mark(token: str) -> str:
    """Return a page's own proof that this token's tip was received and may be followed by pictures."""
    return _new_mark("photos", token, 0)


def may_send_photos(*, token: str, mark: str, has_file: bool = True) -> bool:
    """Return whether pictures are accepted now: the proof is valid and the rate limit not reached.

    Only a form that has a file takes from the limit: others cost whoever sends them next to nothing.
    """
    proven = receipts.is_token(token) and _is_ours("photos", token, 0, mark)
    return proven and _photo_limit.take(cost=int(has_file))


def normalised(answers: dict[str, Any]) -> dict[str, Any]:
    """Return the answers as they are sealed: line ends and outer space normalised, empty answers left out."""
    tidy = {}
    for name, value in answers.items():
        answer = value
        if isinstance(value, str):
            answer = value.replace("\r\n", "\n").strip()
        if answer not in ("", None, False, []):
            tidy[name] = answer
    return tidy


def _store(
    token: str,
    content: dict[str, Any],
    *,
    files: tuple[bytes, ...] = (),
    suspect: Sequence[str] = (),
    language: str = "",
    urgent: bool = False,
    answer: bool = False,
    mark: str = "",
) -> None:
    """Seal `content` to the desk and put it in the outbox, once for each page with its own `mark`.

    Without a mark nothing that came before is the same. Whoever finds the seven words would otherwise learn what was
    sent: a right guess would change nothing on "Your messages", and a wrong one would.
    """
    key = _desk_key()
    page = f"page {mark or secrets.token_hex(DRAWN)}"
    lookup = receipts.lookup(token)
    tag = receipts.tag(token, f"{json.dumps(content, sort_keys=True)} {page}".encode())
    entry = str(uuid.uuid4())
    beside = {"reply_to": receipts.tipster_recipient(token), "suspect": list(suspect)}
    beside["language"] = language or "en"  # two letters always, so that no length tells which
    bundle = envelope.Bundle(
        bound={"id": entry, "lookup": lookup, "tag": tag, "key": key.index},
        content=content | beside,
        files=files,
    )
    sealed = envelope.seal(bundle, recipients=[key.recipient])
    today = timezone.localdate().isoformat()
    at_end = is_program(suspect)
    outbox.put(
        outbox.OutboxEntry(
            lookup, tag, entry, today, key.index, urgent, sealed, answer, suspect=at_end
        )
    )
    if settings.DRAIN_AFTER_RECEIPT:
        outbox.wake()


def _desk_key() -> DeskPub:
    """Return the key that tips are sealed to; raises NotReceived."""
    try:
        return state_files.public_key()
    except DeskBroken as error:
        log.exception("desk.pub cannot be used: no tip can be locked")
        raise NotReceived("The tip could not be locked, so it was not stored.") from error


def _now() -> int:
    return int(time.time()) // TICK


def _ticks(issued: str) -> int:
    """Return a form's time of issue as it was posted; -1 for what is none."""
    if issued.isascii() and issued.isdigit() and len(issued) < 12:
        return int(issued)
    return -1


def _new_mark(use: str, token: str, ticks: int) -> str:
    return _mark(use, token, ticks, secrets.token_hex(DRAWN // 2))


def _is_ours(use: str, token: str, ticks: int, mark: str) -> bool:
    """Return whether we made a mark, for this use, token and time."""
    return hmac.compare_digest(mark.encode(), _mark(use, token, ticks, mark[:DRAWN]).encode())


def _mark(use: str, token: str, ticks: int, drawn: str) -> str:
    """Return what was drawn for a page, followed by the HMAC that proves it."""
    key = hashlib.sha256(f"streetlight {use} mark {settings.SECRET_KEY}".encode()).digest()
    return (
        drawn + hmac.new(key, f"{token}|{ticks}|{drawn}".encode(), hashlib.sha256).hexdigest()[:32]
    )


_photo_limit = RateLimit(rate=PHOTO_RATE, burst=PHOTO_BURST)
