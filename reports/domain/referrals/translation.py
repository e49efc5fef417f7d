"""A tip's translation, and its language as a member corrects it: until then the language is a guess."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.models import User

from reports.domain.errors import Refused, Swapped
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import versions
from reports.models import AuditAct, Tip, Translation
from reports.text import commonest

LENGTH = 20_000  # characters


@dataclass(frozen=True)
class TranslatedTip:
    """The latest version; `language` is a code of `commonest.NAMES`, or "" for another or an unclear one."""

    language: str = ""
    text: str = field(default="", repr=False)
    version: int = 0
    author: str = ""
    since: date | None = None


def translate(*, tip: Tip, language: str, text: str, seen: int, by: User) -> Translation:
    """Seal a tip's language and its translation, which may be empty, as the next version, as of event `seen`."""
    if language and language not in commonest.NAMES:
        raise Refused("Choose a language from the list.")
    content = {"language": language, "text": sealed.typed(text, most=LENGTH, what="Translation")}
    return versions.add(Translation, content, tip=tip, seen=seen, by=by, act=AuditAct.TRANSLATED)


def latest(*, tip: Tip, keys: Keys) -> TranslatedTip:
    """Return the latest version; raises Swapped if it does not open. The caller has recorded that the tip is read."""
    row = versions.latest(Translation, tip=tip)
    if row is None:
        return TranslatedTip()
    said = unsealed.content(row, keys=keys, language=str, text=str)
    return TranslatedTip(**said, version=row.version, author=row.author, since=row.since)


def text(*, tip: Tip, keys: Keys) -> str:
    """As `latest`, but only the translation, and "" if it does not open."""
    with suppress(Swapped):
        return latest(tip=tip, keys=keys).text
    return ""
