"""A tip that is ready to be handed over, and two people who may sign for it."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import handover
from reports.domain.handover import grading, own_words, packs
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.models import Member, Pack, Tip

GRADE = {"source": "2", "information": "C", "handling": "P", "conditions": ""}
WORDS: dict[str, Any] = {"text": "A van calls there nightly.", "removed": "Who saw it.", "contact": "", "stays": {}}


def make_ready(tip: Tip, *, by: User, keys: Keys, **words: Any) -> None:
    """Move a tip on, grade it, and write it in the desk's words."""
    opening.open_new(by=by, keys=keys)
    Tip.objects.filter(pk=tip.pk).update(status="reading")
    tip.refresh_from_db()
    seen = grading.latest(tip=tip, keys=keys).version
    grading.grade(tip=tip, **GRADE, seen=seen, by=by)
    rewrite(tip, by=by, keys=keys, **words)


def rewrite(tip: Tip, *, by: User, keys: Keys, **words: Any) -> None:
    """Write the next version of a tip in the desk's words."""
    seen = own_words.latest(tip=tip, keys=keys).version
    own_words.sanitise(tip=tip, **(WORDS | words), seen=seen, by=by, keys=keys)


def keyholder(user: User) -> User:
    """Let a user count as one who can open tips."""
    today = timezone.localdate()
    Member.objects.update_or_create(user=user, defaults={"recipient": f"age1{user.pk}", "granted": today})
    return user


def sign(pack: Pack, *, by: User, keys: Keys) -> None:
    """Sign a pack as it stands."""
    handover.sign(pack=pack, seen=packs.content(pack=pack, keys=keys).digest, by=by, keys=keys)


def signed(tip: Tip, *, by: User, second: User, keys: Keys) -> Pack:
    """Return a pack of a ready tip that both have signed."""
    pack = handover.draft(tips=[tip], by=by)
    for member in (by, second):
        sign(pack, by=member, keys=keys)
    return pack
