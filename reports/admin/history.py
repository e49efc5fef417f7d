"""The record in words: what each act means to the person who reads it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.domain.errors import Meanwhile, Refused
from reports.domain.tips.opening import REVEAL_REASONS
from reports.models import AuditEvent, EnquiryStatus, Status

MINUTE = timedelta(minutes=1)

WORDS: dict[str, str | Promise] = {
    "acknowledged": gettext_lazy("acknowledged that it is urgent"),
    "asked": gettext_lazy("asked the sender something (message {number})"),
    "assigned": gettext_lazy("gave it to {to}"),
    "changed-account": gettext_lazy("changed the account"),
    "began": gettext_lazy("began the enquiry “{enquiry}”"),
    "dismissed": gettext_lazy("said that it and another tip are not related"),
    "disclosed": gettext_lazy("passed it on by phone, urgently"),
    "recorded": gettext_lazy("wrote down a tip that came another way"),
    "reviewed-disclosure": gettext_lazy("looked at a colleague’s urgent call"),
    "enrolled": gettext_lazy("got a key of their own"),
    "founded": gettext_lazy("made the desk (ring {ring})"),
    "expelled-stray-keys": gettext_lazy("took keys away that belong to nobody (ring {ring})"),
    "found-stray-key": gettext_lazy("the desk opens for {count} keys that belong to nobody"),
    "exported": gettext_lazy("exported it as {kind}, sealed to {sealed_to}"),
    "graded": gettext_lazy("suggested a grading (version {version})"),
    "sanitised": gettext_lazy("wrote it in our words (version {version})"),
    "read-search": gettext_lazy("read what a member searched for"),
    "chose-picture": gettext_lazy("put a picture into a hand-over pack"),
    "compared-key": gettext_lazy("compared the key's fingerprint"),
    "confirmed-pack": gettext_lazy("recorded that the police have it"),
    "danger-named": gettext_lazy("wrote down a danger to life"),
    "danger-taken-back": gettext_lazy("took the danger to life back"),
    "drafted-pack": gettext_lazy("drafted a hand-over pack"),
    "left-picture-out": gettext_lazy("took a picture out of a hand-over pack"),
    "read-pack": gettext_lazy("read a hand-over pack"),
    "signatures-void": gettext_lazy("changed it after it was signed: the signatures fell"),
    "signed-alone": gettext_lazy("let one signature count, as the only keyholder"),
    "signed-pack": gettext_lazy("signed a hand-over pack"),
    "vouched-picture": gettext_lazy("said that a picture gives nobody away"),
    "withdrew-pack": gettext_lazy("withdrew a hand-over pack"),
    "glimpsed": gettext_lazy("saw parts of it in a list"),
    "held": gettext_lazy("put it under a legal hold"),
    "desk-pub-renewed": gettext_lazy("put the newer desk.pub in place"),
    "ended-sessions": gettext_lazy("signed out everywhere else"),
    "forgot-key": gettext_lazy("took the lost key away"),
    "forgot-node": gettext_lazy("struck a machine off"),
    "granted": gettext_lazy("gave access to the desk (ring {ring})"),
    "independent": gettext_lazy("said that it and a related tip are sources of their own"),
    "invited": gettext_lazy("invited them"),
    "recovered": gettext_lazy("was let in with the recovery sheet (ring {ring})"),
    "resealed": gettext_lazy("sealed {count} envelopes to key {key}"),
    "retired-key": gettext_lazy("removed the oldest desk key (ring {ring})"),
    "revoked": gettext_lazy("took access away (ring {ring})"),
    "rotated": gettext_lazy("made desk key {key}"),
    "started-again": gettext_lazy("set a new password and second factor"),
    "removed-reply": gettext_lazy("removed this reply to start from"),
    "set-up": gettext_lazy("set this up for the desk"),
    "wrote": gettext_lazy("wrote to the sender (message {number})"),
    "withdrew": gettext_lazy("withdrew the invitation"),
    "joined": gettext_lazy("made the account"),
    "labelled": gettext_lazy("labelled it “{label}”"),
    "linked": gettext_lazy("linked it to the enquiry “{enquiry}”"),
    "locked": gettext_lazy("locked the desk"),
    "moved": gettext_lazy("moved it from “{before}” to “{after}”"),
    "noted": gettext_lazy("wrote a note"),
    "opened": gettext_lazy("opened {count} sealed arrivals"),
    "proposed-outcome": gettext_lazy("proposed what may be told of “{enquiry}”"),
    "signed-outcome": gettext_lazy("signed what may be told of “{enquiry}” as {capacity}"),
    "took-signature-back": gettext_lazy("took the signature back from what may be told of “{enquiry}”"),
    "released-outcome": gettext_lazy("released what may be told of “{enquiry}”"),
    "withdrew-outcome": gettext_lazy("withdrew what was to be told of “{enquiry}”"),
    "purged": gettext_lazy("deleted it for good"),
    "put-on": gettext_lazy("put {to} on “{enquiry}”"),
    "read": gettext_lazy("read it"),
    "read-picture": gettext_lazy("looked at a picture"),
    "read-reason": gettext_lazy("read the reason for a hold, or why it is hidden from a member"),
    "read-summary": gettext_lazy("read the summary of “{enquiry}”"),
    "recusal-lifted": gettext_lazy("showed it to {to} again"),
    "recused": gettext_lazy("knows someone in it: hid it from themself"),
    "related": gettext_lazy("said that it and another tip are related, and one source"),
    "released": gettext_lazy("ended the legal hold"),
    "renamed": gettext_lazy("gave “{before}” the codename “{after}”"),
    "released-figures": gettext_lazy("released the town’s figures of {quarter}"),
    "revealed": gettext_lazy("saw the contact details: {reason}"),
    "reviewed": gettext_lazy("said that it is still needed"),
    "searched": gettext_lazy("searched the tips"),
    "removed-passkey": gettext_lazy("removed a passkey"),
    "second-factor": gettext_lazy("set up an app or a passkey to sign in with"),
    "summarised": gettext_lazy("wrote the summary of “{enquiry}”"),
    "told": gettext_lazy("said which story tells what came of “{enquiry}”"),
    "took-off": gettext_lazy("took {to} off “{enquiry}”"),
    "unlabelled": gettext_lazy("took the label “{label}” off"),
    "unlinked": gettext_lazy("took it out of the enquiry “{enquiry}”"),
    "untold": gettext_lazy("took a story off “{enquiry}”"),
    "unlock-refused": gettext_lazy("typed words that do not open the desk"),
    "unlocked": gettext_lazy("unlocked the desk"),
    "verified": gettext_lazy("looked through the record: {found} findings"),
}


STATUSES = dict(Status.choices) | dict(EnquiryStatus.choices)


class Line(NamedTuple):
    """One act, or the same act several times in a row by the same person."""

    event: AuditEvent
    words: str
    times: int


def in_words(event: AuditEvent) -> str:
    """Return what was done, without who and to what; an act that has no words yet keeps its name."""
    detail = defaultdict(str, {name: str(value) for name, value in event.detail.items()})
    for name in ("before", "after"):
        detail[name] = str(STATUSES.get(detail[name], detail[name]))
    detail["to"] = detail["to"] or _("nobody")
    detail["reason"] = REVEAL_REASONS.get(detail["reason"], detail["reason"])
    return str(WORDS.get(event.act, event.act)).format_map(detail)


def meanwhile(refusal: Refused) -> str:
    """Return why an act was refused; where a colleague was faster, who did what, and how long ago."""
    if not isinstance(refusal, Meanwhile):
        return str(refusal)
    event = refusal.event
    said = {"who": event.actor, "did": in_words(event), "ago": timesince(event.at, depth=1)}
    if timezone.now() - event.at < MINUTE:
        return _("%(who)s %(did)s just now. Nothing of theirs was changed. Look at it, then decide.") % said
    return _("%(who)s %(did)s %(ago)s ago. Nothing of theirs was changed. Look at it, then decide.") % said


def lines(events: Iterable[AuditEvent]) -> list[Line]:
    """Return a history that stays readable: repeated acts are one line, with the newest of them."""
    runs = [list(run) for _key, run in groupby(events, key=lambda event: (event.actor, in_words(event)))]
    return [Line(run[0], in_words(run[0]), len(run)) for run in runs]
