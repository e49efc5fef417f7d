"""The audit log: one row for each act, chained by hash, and checkpoints that only a keyholder can write."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class AuditAct(models.TextChoices):
    """What a member can do, as the log stores it, and in words that follow a name; a stored value never changes.

    Words in braces are filled from the event's `detail`.
    """

    # The desk and its keys
    FOUNDED = "founded", _("set up the desk (key file {key_file})")
    UNLOCKED = "unlocked", _("unlocked the desk")
    LOCKED = "locked", _("locked the desk")
    UNLOCK_REFUSED = "unlock-refused", _("typed words that did not unlock the desk")
    ENROLLED = "enrolled", _("got a key of their own")
    GRANTED = "granted", _("gave access to the desk (key file {key_file})")
    REVOKED = "revoked", _("removed access to the desk (key file {key_file})")
    ROTATED = "rotated", _("made desk key {key}")
    RETIRED_KEY = "retired-key", _("removed the oldest desk key (key file {key_file})")
    RESEALED = "resealed", _("encrypted {count} tips and messages again with key {key}")
    DESK_PUB_RENEWED = "desk-pub-renewed", _("installed a newer desk.pub")
    RECOVERED = "recovered", _("regained access with the recovery sheet (key file {key_file})")
    FORGOT_KEY = "forgot-key", _("deleted their own key to make a new one")
    CLOCK_WAS_WRONG = (
        "clock-was-wrong",
        _("said that the server’s clock was wrong at events {first} to {last} of the audit log"),
    )
    FORGOT_NODE = "forgot-node", _("removed a server")
    CONFIRMED_CLOCK = "confirmed-clock", _("confirmed that the server’s date and time are right")
    FOUND_CUT_LOG = (
        "found-cut-log",
        _("found that the audit log lacks the newest checkpoint known outside the database"),
    )
    FOUND_STRAY_KEY = "found-stray-key", _("found {count} unrecognised keys that unlock the desk")
    EXPELLED_STRAY_KEYS = "expelled-stray-keys", _("removed unrecognised keys (key file {key_file})")

    RESTORED = "restored", _("restored backup {backup}, after events up to {known} were known (key file {key_file})")

    # People
    INVITED = "invited", _("invited this person ({roles})")
    WITHDREW = "withdrew", _("withdrew the invitation")
    JOINED = "joined", _("created the account ({roles})")
    LET_START_AGAIN = "let-start-again", _("made a code for a new password and second factor")
    STARTED_AGAIN = "started-again", _("set a new password and second factor")
    SECOND_FACTOR = "second-factor", _("set up an app or a passkey to sign in with")
    REMOVED_APP = "removed-app", _("removed an authenticator app")
    REMOVED_PASSKEY = "removed-passkey", _("removed a passkey")
    CHANGED_PASSWORD = "changed-password", _("changed their own password")
    ENDED_SESSIONS = "ended-sessions", _("signed out everywhere else")
    CHANGED_ROLES = "changed-roles", _("changed this person’s roles from {before} to {after}")
    CHANGED_EMAIL = "changed-email", _("changed the email address")
    CHANGED_NAME = "changed-name", _("changed the full name")
    SWITCHED_OFF = "switched-off", _("switched the account off")
    SWITCHED_ON = "switched-on", _("switched the account on again")
    LEFT_TEAM = "left-team", _("took this person out of the team: account, key, drafts, tips and duty")
    SIGNED_IN = "signed-in", _("signed in with {way}")
    SIGNED_OUT = "signed-out", _("signed out")
    WRONG_PASSWORD = "wrong-password", _("counted wrong passwords for this username: {count}")
    WRONG_CODE = "wrong-code", _("counted a wrong code after the right password")
    SET_UP = "set-up", _("added this to the desk’s settings")
    REMOVED_REPLY = "removed-reply", _("removed this from “Replies to start from”")
    REMOVED_RECIPIENT = "removed-recipient", _("removed this police recipient")

    # A tip: reading
    OPENED = "opened", _("opened what the sender wrote (messages: {count})")
    GLIMPSED = "glimpsed", _("saw a line of it in a list")
    READ = "read", _("read the tip")
    READ_PICTURE = "read-picture", _("looked at a picture")
    READ_REASON = "read-reason", _("read the reason for a legal hold or for a conflict of interest")
    REVEALED = "revealed", _("saw the contact details: {reason}")
    MATCHED_CONTACT = "matched-contact", _("was shown what in our wording is in the contact details (places: {count})")
    SEARCHED = "searched", _("searched the tips")
    READ_SEARCH = "read-search", _("read what a team member searched for")
    RECUSED = "recused", _("said that they know someone in it, which hides it from them")
    KEPT_HIDDEN = (
        "kept-hidden",
        _("kept it hidden from {to}, after a related tip that was hidden from them was deleted"),
    )
    RECUSAL_LIFTED = "recusal-lifted", _("showed it to {to} again: {reason}")

    # A tip: triage
    RECORDED = "recorded", _("typed a tip for its sender ({channel})")
    ACKNOWLEDGED = "acknowledged", _("said “I have it” of this urgent tip, which paused the reminders")
    HANDED_BACK = "handed-back", _("handed it back with no decision, which started the reminders again")
    RANG_AGAIN = "rang-again", _("started the reminders again, because {who} had it and did not decide it in time")
    MOVED_TO_END = "moved-to-end", _("moved it to the end of the queue")
    MOVED_BACK_UP = "moved-back-up", _("moved it back up the queue")
    ASSIGNED = "assigned", _("assigned it from {before} to {to}")
    MOVED = "moved", _("moved it from “{before}” to “{after}”")
    LEFT_AS_IT_IS = "left-as-it-is", _("read the sender’s answer and changed nothing")
    LOOK_AGAIN = "look-again", _("set the day to look at it again: {day}")
    UNDID = "undid", _("undid the last thing that {who} did")
    NOTED = "noted", _("wrote a note")
    TRANSLATED = "translated", _("saved its language and its translation (version {version})")
    LABELLED = "labelled", _("added the label “{label}”")
    UNLABELLED = "unlabelled", _("removed the label “{label}”")
    MARKED_MALICIOUS = "marked-malicious", _("marked it as possibly malicious")
    UNMARKED_MALICIOUS = "unmarked-malicious", _("said that it is not possibly malicious any more")
    CALLED = "called", _("passed it on by phone, urgently")
    MISTAKEN_CALL = "mistaken-call", _("said that they recorded an urgent call by mistake")
    REVIEWED_CALL = "reviewed-call", _("reviewed another team member’s urgent call")
    CLOSED_DANGER = "closed-danger", _("recorded what was done about the danger and closed the tip")
    WROTE_FOR_SAFETY = "wrote-for-safety", _("recorded why they wrote to the sender about the sender’s own safety")
    LOOKED_AT_DANGER = "looked-at-danger", _("reviewed a decision about danger")
    RELATED = "related", _("said that it and another tip are related and from one source")
    INDEPENDENT = "independent", _("said that it and a related tip are independent sources")
    DISMISSED = "dismissed", _("said that it and another tip are not related")
    ASKED = "asked", _("asked the sender a question (message {number})")
    WROTE = "wrote", _("wrote to the sender (message {number})")
    TOOK_BACK = "took-back", _("withdrew message {number}, if the sender had not seen it")

    # A tip: how long it is kept
    HELD = "held", _("placed a legal hold on it")
    RELEASED = "released", _("ended the legal hold")
    REVIEWED = "reviewed", _("said that it is still needed")
    PURGED = "purged", _("deleted it permanently")

    # Enquiries
    BEGAN = "began", _("started the enquiry “{enquiry}”")
    RENAMED = "renamed", _("renamed the enquiry “{before}” to “{after}”")
    LINKED = "linked", _("linked it to the enquiry “{enquiry}”")
    UNLINKED = "unlinked", _("unlinked it from the enquiry “{enquiry}”")
    SUMMARISED = "summarised", _("wrote the summary of “{enquiry}”")
    READ_SUMMARY = "read-summary", _("read the summary of “{enquiry}”")

    # Outcomes and figures
    PROPOSED_OUTCOME = "proposed-outcome", _("proposed a public result for “{enquiry}”")
    APPROVED_OUTCOME = "approved-outcome", _("approved a public result for “{enquiry}” as {capacity}")
    RELEASED_OUTCOME = "released-outcome", _("released a public result for “{enquiry}”")
    WITHDREW_OUTCOME = "withdrew-outcome", _("withdrew a public result for “{enquiry}”")
    RELEASED_FIGURES = "released-figures", _("released the public figures for {quarter}")

    # Police referral
    GRADED = "graded", _("suggested a grading (version {version})")
    SAVED_WORDING = "saved-wording", _("saved our wording of it (version {version})")
    WORDING_HOLDS = "wording-holds", _("read what the sender wrote later, and kept our wording (version {version})")
    SET_ASIDE = "set-aside", _("said why what the sender wrote later changes nothing (version {version})")
    DRAFTED_REFERRAL = "drafted-referral", _("drafted a police referral")
    READ_REFERRAL = "read-referral", _("read a police referral")
    DANGER_NAMED = "danger-named", _("recorded a danger to a life or a child")
    DANGER_TAKEN_BACK = "danger-taken-back", _("removed the danger to a life or a child")
    CHANGED_ANSWER = "changed-answer", _("recorded that the sender has changed their answer about the police")
    UNDID_CHANGE = "undid-changed-answer", _("undid that the sender has changed their answer about the police{typed}")
    CHOSE_PICTURE = "chose-picture", _("included a picture in a police referral")
    APPROVED_PICTURE = "approved-picture", _("approved a picture, which identifies nobody")
    LEFT_PICTURE_OUT = "left-picture-out", _("removed a picture from a police referral")
    APPROVED_REFERRAL = "approved-referral", _("approved a police referral{typed}")
    APPROVED_ALONE = "approved-alone", _("confirmed a police referral as the only approver")
    APPROVALS_VOID = "approvals-void", _("changed it, which cancelled its approvals")
    COMPARED_KEY = "compared-key", _("checked the key’s fingerprint with its owner")
    EXPORTED = "exported", _("exported it as {kind} (encrypted for: {sealed_to})")
    CONFIRMED_REFERRAL = "confirmed-referral", _("confirmed that the police received it")
    TOOK_BACK_RECEIPT = "took-back-receipt", _("took back that the police received it")
    CHANGES_NOTHING = (
        "changes-nothing",
        _("read what the sender wrote after it left: it changes nothing for the police"),
    )
    POLICE_MUST_KNOW = "police-must-know", _("said that the police must know what the sender wrote after it left")
    ANNOUNCED_CORRECTION = "announced-correction", _("told the police not to act on it, as a correction follows")
    BEGAN_CORRECTION = "began-correction", _("started a correction of it: {referral}")
    REWORDED_CORRECTION = (
        "reworded-correction",
        _("rewrote what a correction says has changed"),
    )
    CORRECTED = "corrected", _("exported a correction of it: {referral}")
    WITHDREW_REFERRAL = "withdrew-referral", _("withdrew a police referral")

    # Whether what is stored is as it was written
    CONFIRMED_ROWS = "confirmed-rows", _("confirmed its stored data")
    NOT_AS_RECORDED = "not-as-recorded", _("found it changed outside Streetlight")

    # The audit log itself
    EXPORTED_RECORD = "exported-record", _("downloaded {count} events of the audit log")
    VERIFIED = "verified", _("checked the audit log for tampering ({found} findings)")


class AuditEvent(models.Model):
    """One act of a member, chained by hash to the one before. It refers by text, as its subject may be deleted."""

    seq = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("time"))
    actor = models.CharField(_("user"), max_length=150)
    by_program = models.BooleanField(default=False, help_text=_("Streetlight did this by itself."))
    act = models.CharField(_("action"), max_length=24)
    subject = models.CharField(_("item"), max_length=60, blank=True, db_index=True)
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
        ordering = ["number"]

    def __str__(self) -> str:
        return gettext("checkpoint %(number)s at event %(seq)s") % {"number": self.number, "seq": self.seq}
