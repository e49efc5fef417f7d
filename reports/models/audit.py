"""The audit log: one row for each act, chained by hash, and checkpoints that only a keyholder can write."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class AuditAct(models.TextChoices):
    """What a member can do, as the record stores it, and in words; a stored value never changes.

    Words in braces are filled from the event's `detail`.
    """

    # The desk and its keys
    FOUNDED = "founded", _("made the desk (key file {key_file})")
    UNLOCKED = "unlocked", _("unlocked the desk")
    LOCKED = "locked", _("locked the desk")
    UNLOCK_REFUSED = "unlock-refused", _("typed words that do not open the desk")
    ENROLLED = "enrolled", _("got a key of their own")
    GRANTED = "granted", _("gave access to the desk (key file {key_file})")
    REVOKED = "revoked", _("took access away (key file {key_file})")
    ROTATED = "rotated", _("made desk key {key}")
    RETIRED_KEY = "retired-key", _("removed the oldest desk key (key file {key_file})")
    RESEALED = "resealed", _("sealed {count} envelopes to key {key}")
    DESK_PUB_RENEWED = "desk-pub-renewed", _("put the newer desk.pub in place")
    RECOVERED = "recovered", _("was let in with the recovery sheet (key file {key_file})")
    FORGOT_KEY = "forgot-key", _("deleted their key: they make a new one")
    FORGOT_NODE = "forgot-node", _("struck a machine off")
    CONFIRMED_CLOCK = "confirmed-clock", _("found the machine’s date and time right")
    FOUND_CUT_LOG = (
        "found-cut-log",
        _("found that the newest checkpoint known outside the database is not in the record"),
    )
    FOUND_STRAY_KEY = "found-stray-key", _("the desk opens for {count} keys that belong to nobody")
    EXPELLED_STRAY_KEYS = "expelled-stray-keys", _("took keys away that belong to nobody (key file {key_file})")

    RESTORED = "restored", _("restored backup {backup}; events up to {known} had been known (key file {key_file})")

    # People
    INVITED = "invited", _("invited them ({roles})")
    WITHDREW = "withdrew", _("withdrew the invitation")
    JOINED = "joined", _("made the account ({roles})")
    LET_START_AGAIN = "let-start-again", _("made a code for a new password and second factor")
    STARTED_AGAIN = "started-again", _("set a new password and second factor")
    SECOND_FACTOR = "second-factor", _("set up an app or a passkey to sign in with")
    REMOVED_APP = "removed-app", _("removed an authenticator app")
    REMOVED_PASSKEY = "removed-passkey", _("removed a passkey")
    CHANGED_PASSWORD = "changed-password", _("changed their own password")
    ENDED_SESSIONS = "ended-sessions", _("signed out everywhere else")
    CHANGED_ROLES = "changed-roles", _("changed their roles: before {before}, after {after}")
    CHANGED_EMAIL = "changed-email", _("changed the e-mail address")
    CHANGED_NAME = "changed-name", _("changed the full name")
    SWITCHED_OFF = "switched-off", _("switched the account off")
    SWITCHED_ON = "switched-on", _("switched the account on again")
    SIGNED_IN = "signed-in", _("signed in with {way}")
    SIGNED_OUT = "signed-out", _("signed out")
    WRONG_PASSWORD = "wrong-password", _("wrong passwords were typed under this name: {count}")
    WRONG_CODE = "wrong-code", _("a wrong code was typed after the right password")
    SET_UP = "set-up", _("set this up for the desk")
    REMOVED_REPLY = "removed-reply", _("removed this reply to start from")
    REMOVED_RECIPIENT = "removed-recipient", _("removed this recipient: no referral is sealed to them any more")

    # A tip: reading
    OPENED = "opened", _("opened {count} sealed arrivals")
    GLIMPSED = "glimpsed", _("saw parts of it in a list")
    READ = "read", _("read it")
    READ_PICTURE = "read-picture", _("looked at a picture")
    READ_REASON = "read-reason", _("read the reason for a hold, or why it is hidden from a member")
    REVEALED = "revealed", _("saw the contact details: {reason}")
    SEARCHED = "searched", _("searched the tips")
    READ_SEARCH = "read-search", _("read what a member searched for")
    RECUSED = "recused", _("knows someone in it: hid it from themself")
    KEPT_HIDDEN = "kept-hidden", _("went on hiding it from {to}: a related tip was hidden from them, and is deleted")
    RECUSAL_LIFTED = "recusal-lifted", _("showed it to {to} again")

    # A tip: triage
    RECORDED = "recorded", _("wrote down a tip that came another way")
    ACKNOWLEDGED = "acknowledged", _("took care of it, as it is urgent: its alarm is silent")
    HANDED_BACK = "handed-back", _("gave it back undecided: its alarm rings again")
    RANG_AGAIN = "rang-again", _("let its alarm ring again: {who} took it, and had not decided it in time")
    MOVED_TO_END = "moved-to-end", _("moved it to the end, below all others, until somebody reads it")
    MOVED_BACK_UP = "moved-back-up", _("brought it back among the others")
    ASSIGNED = "assigned", _("gave it to {to}")
    MOVED = "moved", _("moved it from “{before}” to “{after}”")
    UNDID = "undid", _("undid what {who} did last: it is as it was before")
    NOTED = "noted", _("wrote a note")
    LABELLED = "labelled", _("labelled it “{label}”")
    UNLABELLED = "unlabelled", _("took the label “{label}” off")
    DISCLOSED = "disclosed", _("passed it on by phone, urgently")
    REVIEWED_DISCLOSURE = "reviewed-disclosure", _("looked at a colleague’s urgent call")
    CLOSED_DANGER = "closed-danger", _("wrote down what was done about the danger, and closed it")
    WROTE_FOR_SAFETY = "wrote-for-safety", _("wrote down why they write to the sender about the sender’s own safety")
    LOOKED_AT_DANGER = "looked-at-danger", _("looked at a decision about danger")
    RELATED = "related", _("said that it and another tip are related, and one source")
    INDEPENDENT = "independent", _("said that it and a related tip are sources of their own")
    DISMISSED = "dismissed", _("said that it and another tip are not related")
    ASKED = "asked", _("asked the sender something (message {number})")
    WROTE = "wrote", _("wrote to the sender (message {number})")
    TOOK_BACK = "took-back", _("took message {number} back, unless its sender had seen it")

    # A tip: how long it is kept
    HELD = "held", _("put it under a legal hold")
    RELEASED = "released", _("ended the legal hold")
    REVIEWED = "reviewed", _("said that it is still needed")
    PURGED = "purged", _("deleted it for good")

    # Enquiries
    BEGAN = "began", _("began the enquiry “{enquiry}”")
    RENAMED = "renamed", _("gave “{before}” the codename “{after}”")
    LINKED = "linked", _("linked it to the enquiry “{enquiry}”")
    UNLINKED = "unlinked", _("took it out of the enquiry “{enquiry}”")
    SUMMARISED = "summarised", _("wrote the summary of “{enquiry}”")
    READ_SUMMARY = "read-summary", _("read the summary of “{enquiry}”")
    TOLD = "told", _("said which story tells what came of “{enquiry}”")
    UNTOLD = "untold", _("took a story off “{enquiry}”")

    # Outcomes and figures
    PROPOSED_OUTCOME = "proposed-outcome", _("proposed what may be told of “{enquiry}”")
    APPROVED_OUTCOME = "approved-outcome", _("approved what may be told of “{enquiry}” as {capacity}")
    RELEASED_OUTCOME = "released-outcome", _("released what may be told of “{enquiry}”")
    WITHDREW_OUTCOME = "withdrew-outcome", _("withdrew what was to be told of “{enquiry}”")
    RELEASED_FIGURES = "released-figures", _("released the figures of {quarter}")

    # Police referral
    GRADED = "graded", _("suggested a grading (version {version})")
    SANITISED = "sanitised", _("wrote it in our words (version {version})")
    DRAFTED_REFERRAL = "drafted-referral", _("drafted a police referral")
    READ_REFERRAL = "read-referral", _("read a police referral")
    DANGER_NAMED = "danger-named", _("wrote down a danger to a life or a child")
    DANGER_TAKEN_BACK = "danger-taken-back", _("took the danger to a life or a child back")
    CHOSE_PICTURE = "chose-picture", _("put a picture into a police referral")
    APPROVED_PICTURE = "approved-picture", _("said that a picture gives nobody away")
    LEFT_PICTURE_OUT = "left-picture-out", _("took a picture out of a police referral")
    APPROVED_REFERRAL = "approved-referral", _("approved a police referral")
    APPROVED_ALONE = "approved-alone", _("let one approval count, as the only keyholder")
    APPROVALS_VOID = "approvals-void", _("changed it after it was approved: the approvals fell")
    COMPARED_KEY = "compared-key", _("compared the key's fingerprint")
    EXPORTED = "exported", _("exported it as {kind}, sealed to {sealed_to}")
    CONFIRMED_REFERRAL = "confirmed-referral", _("recorded that the police have it")
    WITHDREW_REFERRAL = "withdrew-referral", _("withdrew a police referral")

    # What stands as it was written
    CONFIRMED_ROWS = "confirmed-rows", _("confirmed that its rows are as they are now")
    NOT_AS_RECORDED = "not-as-recorded", _("did not prove it any more: it is not as it was")

    # The record itself
    EXPORTED_RECORD = "exported-record", _("took {count} events of the record away as a table")
    VERIFIED = "verified", _("looked through the record: {found} findings")


class AuditEvent(models.Model):
    """One act of a member, chained by hash to the one before. It refers by text, as its subject may be deleted."""

    seq = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("at"))
    actor = models.CharField(_("who"), max_length=150)
    by_program = models.BooleanField(default=False, help_text=_("Nobody did it: Streetlight itself, at its own time."))
    act = models.CharField(_("did"), max_length=24)
    subject = models.CharField(_("to what"), max_length=60, blank=True, db_index=True)
    detail = models.JSONField(default=dict)
    rows = models.JSONField(default=dict, help_text=_("The SHA-256 of each row that it wrote, by table and key."))
    mac = models.CharField(max_length=64, blank=True, help_text=_("By the key file's audit key, where it names rows."))
    previous = models.CharField(_("hash of the event before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-seq"]
        indexes = [models.Index(fields=["act", "at"], name="event_by_act")]

    def __str__(self) -> str:
        return gettext("event %(number)s by %(who)s") % {"number": self.seq, "who": self.who}

    @property
    def who(self) -> str:
        """Return who did it, in words: a username, or what no username can be."""
        return gettext("The system") if self.by_program else self.actor


class Checkpoint(models.Model):
    """The state of the log at an unlock or lock: an event's hash, under a MAC with the key file's audit key."""

    number = models.PositiveBigIntegerField(primary_key=True, help_text=_("1 for the first, without a gap."))
    seq = models.PositiveBigIntegerField(unique=True)
    hash = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        ordering = ["number"]

    def __str__(self) -> str:
        return gettext("checkpoint %(number)s at event %(seq)s") % {"number": self.number, "seq": self.seq}
