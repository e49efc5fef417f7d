"""The audit log: one row for each act, chained by hash, and checkpoints that only a keyholder can write."""

from django.db import models


class AuditAct(models.TextChoices):
    """What a member can do, as the log stores it, and in words that follow a name; a stored value never changes.

    Words in braces are filled from the event's `detail`.
    """

    # The desk and its keys
    FOUNDED = "founded", "set up the desk (key file {key_file})"
    UNLOCKED = "unlocked", "unlocked the desk"
    LOCKED = "locked", "locked the desk"
    UNLOCK_REFUSED = "unlock-refused", "typed words that did not unlock the desk"
    ENROLLED = "enrolled", "got a key of their own"
    GRANTED = "granted", "gave access to the desk (key file {key_file})"
    REVOKED = "revoked", "removed access to the desk (key file {key_file})"
    ROTATED = "rotated", "made desk key {key}"
    RETIRED_KEY = "retired-key", "removed the oldest desk key (key file {key_file})"
    RESEALED = "resealed", "encrypted {count} tips and messages again with key {key}"
    DESK_PUB_RENEWED = "desk-pub-renewed", "installed a newer desk.pub"
    RECOVERED = "recovered", "regained access with the recovery sheet (key file {key_file})"
    FORGOT_KEY = "forgot-key", "deleted their own key to make a new one"
    CLOCK_WAS_WRONG = (
        "clock-was-wrong",
        "said that the server’s clock was wrong at events {first} to {last} of the audit log",
    )
    FORGOT_NODE = "forgot-node", "removed a server"
    CONFIRMED_CLOCK = "confirmed-clock", "confirmed that the server’s date and time are right"
    FOUND_CUT_LOG = (
        "found-cut-log",
        "found that the audit log lacks the newest checkpoint known outside the database",
    )
    FOUND_STRAY_KEY = "found-stray-key", "found {count} unrecognised keys that unlock the desk"
    EXPELLED_STRAY_KEYS = "expelled-stray-keys", "removed unrecognised keys (key file {key_file})"

    RESTORED = (
        "restored",
        "restored backup {backup}, after events up to {known} were known (key file {key_file})",
    )

    # People
    INVITED = "invited", "invited this person ({roles})"
    WITHDREW = "withdrew", "withdrew the invitation"
    JOINED = "joined", "created the account ({roles})"
    LET_START_AGAIN = "let-start-again", "made a code for a new password and second factor"
    STARTED_AGAIN = "started-again", "set a new password and second factor"
    SECOND_FACTOR = "second-factor", "set up an app or a passkey to sign in with"
    REMOVED_APP = "removed-app", "removed an authenticator app"
    REMOVED_PASSKEY = "removed-passkey", "removed a passkey"
    CHANGED_PASSWORD = "changed-password", "changed their own password"
    ENDED_SESSIONS = "ended-sessions", "signed out everywhere else"
    CHANGED_ROLES = "changed-roles", "changed this person’s roles from {before} to {after}"
    CHANGED_EMAIL = "changed-email", "changed the email address"
    CHANGED_NAME = "changed-name", "changed the full name"
    SWITCHED_OFF = "switched-off", "switched the account off"
    SWITCHED_ON = "switched-on", "switched the account on again"
    LEFT_TEAM = "left-team", "took this person out of the team: account, key, drafts, tips and duty"
    SIGNED_IN = "signed-in", "signed in with {way}"
    SIGNED_OUT = "signed-out", "signed out"
    WRONG_PASSWORD = "wrong-password", "counted wrong passwords for this username: {count}"
    WRONG_CODE = "wrong-code", "counted a wrong code after the right password"
    SET_UP = "set-up", "added this to the desk’s settings"
    REMOVED_REPLY = "removed-reply", "removed this from “Replies to start from”"
    REMOVED_RECIPIENT = "removed-recipient", "removed this police recipient"

    # A tip: reading
    OPENED = "opened", "opened what the sender wrote (messages: {count})"
    GLIMPSED = "glimpsed", "saw a line of it in a list"
    READ = "read", "read the tip"
    READ_PICTURE = "read-picture", "looked at a picture"
    READ_REASON = "read-reason", "read the reason for a legal hold or for a conflict of interest"
    REVEALED = "revealed", "saw the contact details: {reason}"
    MATCHED_CONTACT = (
        "matched-contact",
        "was shown what in our wording is in the contact details (places: {count})",
    )
    SEARCHED = "searched", "searched the tips"
    READ_SEARCH = "read-search", "read what a team member searched for"
    RECUSED = "recused", "said that they know someone in it, which hides it from them"
    HIDDEN_UNSEEN = (
        "hidden-unseen",
        "hid it from those who know someone in {other}, which names the same, until a colleague has compared the two",
    )
    KEPT_HIDDEN = (
        "kept-hidden",
        "kept it hidden from {to}, after a related tip that was hidden from them was deleted",
    )
    KEPT_REFERRAL_HIDDEN = (
        "kept-referral-hidden",
        "kept it hidden from {to}, after a tip of it that was hidden from them was deleted",
    )
    RECUSAL_LIFTED = "recusal-lifted", "showed it to {to} again: {reason}"

    # A tip: triage
    RECORDED = "recorded", "typed a tip for its sender ({channel})"
    ACKNOWLEDGED = "acknowledged", "said “I have it” of this urgent tip, which paused the reminders"
    HANDED_BACK = (
        "handed-back",
        "handed it back with no decision, which started the reminders again",
    )
    RANG_AGAIN = (
        "rang-again",
        "started the reminders again, because {who} had it and did not decide it in time",
    )
    MOVED_TO_END = "moved-to-end", "moved it to the end of the queue"
    MOVED_BACK_UP = "moved-back-up", "moved it back up the queue"
    ASSIGNED = "assigned", "assigned it from {before} to {to}"
    MOVED = "moved", "moved it from “{before}” to “{after}”"
    LEFT_AS_IT_IS = "left-as-it-is", "read the sender’s answer and changed nothing"
    LOOK_AGAIN = "look-again", "set the day to look at it again: {day}"
    UNDID = "undid", "undid the last thing that {who} did"
    NOTED = "noted", "wrote a note"
    TRANSLATED = "translated", "saved its language and its translation (version {version})"
    LABELLED = "labelled", "added the label “{label}”"
    UNLABELLED = "unlabelled", "removed the label “{label}”"
    MARKED_MALICIOUS = "marked-malicious", "marked it as possibly malicious"
    UNMARKED_MALICIOUS = "unmarked-malicious", "said that it is not possibly malicious any more"
    CALLED = "called", "passed it on by phone, urgently"
    MISTAKEN_CALL = "mistaken-call", "said that they recorded an urgent call by mistake"
    REVIEWED_CALL = "reviewed-call", "reviewed another team member’s urgent call"
    CLOSED_DANGER = "closed-danger", "recorded what was done about the danger and closed the tip"
    WROTE_FOR_SAFETY = (
        "wrote-for-safety",
        "recorded why they wrote to the sender about the sender’s own safety",
    )
    LOOKED_AT_DANGER = "looked-at-danger", "reviewed a decision about danger"
    RELATED = "related", "said that it and another tip are related and from one source"
    INDEPENDENT = "independent", "said that it and a related tip are independent sources"
    DISMISSED = "dismissed", "said that it and another tip are not related"
    ASKED = "asked", "asked the sender a question (message {number})"
    WROTE = "wrote", "wrote to the sender (message {number})"
    TOOK_BACK = "took-back", "withdrew message {number}, if the sender had not seen it"

    # A tip: how long it is kept
    HELD = "held", "placed a legal hold on it"
    RELEASED = "released", "ended the legal hold"
    REVIEWED = "reviewed", "said that it is still needed"
    CLOSED_PICTURES = "closed-pictures", "closed its pictures to everybody"
    PROPOSED_PICTURES = (
        "proposed-pictures",
        "proposed what becomes of its closed pictures: {end}",
    )
    OPENED_PICTURES = "opened-pictures", "agreed to show its closed pictures again"
    DELETED_PICTURES = "deleted-pictures", "agreed to delete its closed pictures (files: {count})"
    PURGED = "purged", "deleted it permanently"

    # Enquiries
    BEGAN = "began", "started the enquiry “{enquiry}”"
    RENAMED = "renamed", "renamed the enquiry “{before}” to “{after}”"
    LINKED = "linked", "linked it to the enquiry “{enquiry}”"
    UNLINKED = "unlinked", "unlinked it from the enquiry “{enquiry}”"
    SUMMARISED = "summarised", "wrote the summary of “{enquiry}”"
    READ_SUMMARY = "read-summary", "read the summary of “{enquiry}”"

    # Outcomes and figures
    PROPOSED_OUTCOME = "proposed-outcome", "proposed a public result for “{enquiry}”"
    APPROVED_OUTCOME = "approved-outcome", "approved a public result for “{enquiry}” as {capacity}"
    RELEASED_OUTCOME = "released-outcome", "released a public result for “{enquiry}”"
    WITHDREW_OUTCOME = "withdrew-outcome", "withdrew a public result for “{enquiry}”"
    RELEASED_FIGURES = "released-figures", "released the public figures for {quarter}"

    # Police referral
    GRADED = "graded", "suggested a grading (version {version})"
    SAVED_WORDING = "saved-wording", "saved our wording of it (version {version})"
    WORDING_HOLDS = (
        "wording-holds",
        "read what the sender wrote later, and kept our wording (version {version})",
    )
    ANSWERED_QUESTIONS = (
        "answered-questions",
        "answered the questions before a police referral (version {version})",
    )
    JUDGED_DENIAL = "judged-denial", "said whether it denies what others say (version {version})"
    SET_ASIDE = (
        "set-aside",
        "said why what the sender wrote later changes nothing (version {version})",
    )
    DRAFTED_REFERRAL = "drafted-referral", "drafted a police referral"
    READ_REFERRAL = "read-referral", "read a police referral"
    DANGER_NAMED = "danger-named", "recorded a danger to someone"
    DANGER_TAKEN_BACK = "danger-taken-back", "removed the danger to someone"
    CHANGED_ANSWER = (
        "changed-answer",
        "recorded that the sender has changed their answer about the police",
    )
    UNDID_CHANGE = (
        "undid-changed-answer",
        "undid that the sender has changed their answer about the police{typed}",
    )
    CHOSE_PICTURE = "chose-picture", "included a picture in a police referral"
    APPROVED_PICTURE = "approved-picture", "approved a picture, which identifies nobody"
    LEFT_PICTURE_OUT = "left-picture-out", "removed a picture from a police referral"
    APPROVED_REFERRAL = "approved-referral", "approved a police referral{typed}"
    APPROVED_ALONE = "approved-alone", "confirmed a police referral as the only approver"
    APPROVALS_VOID = "approvals-void", "changed it, which cancelled its approvals"
    COMPARED_KEY = "compared-key", "checked the key’s fingerprint with its owner"
    EXPORTED = "exported", "exported it as {kind} (encrypted for: {sealed_to})"
    CONFIRMED_REFERRAL = "confirmed-referral", "confirmed that the police received it"
    TOOK_BACK_RECEIPT = "took-back-receipt", "took back that the police received it"
    CHANGES_NOTHING = (
        "changes-nothing",
        "read what the sender wrote after it left: it changes nothing for the police",
    )
    POLICE_MUST_KNOW = (
        "police-must-know",
        "said that the police must know what the sender wrote after it left",
    )
    ANNOUNCED_CORRECTION = (
        "announced-correction",
        "told the police not to act on it, as a correction follows",
    )
    BEGAN_CORRECTION = "began-correction", "started a correction of it: {referral}"
    REWORDED_CORRECTION = (
        "reworded-correction",
        "rewrote what a correction says has changed",
    )
    CORRECTED = "corrected", "exported a correction of it: {referral}"
    RECORDED_RESULT = "recorded-result", "recorded what the police said became of it"
    READ_RESULT = "read-result", "read what the police said became of it"
    OPENED_BOXES = "opened-boxes", "opened what left, to copy it into the police’s own form"
    WITHDREW_REFERRAL = "withdrew-referral", "withdrew a police referral"

    # Whether what is stored is as it was written
    CONFIRMED_ROWS = "confirmed-rows", "confirmed its stored data"
    NOT_AS_RECORDED = "not-as-recorded", "found it changed outside Streetlight"

    # The audit log itself
    EXPORTED_RECORD = "exported-record", "downloaded {count} events of the audit log"
    VERIFIED = "verified", "checked the audit log for tampering ({found} findings)"


APPROVING = (AuditAct.APPROVED_REFERRAL, AuditAct.APPROVED_ALONE)  # of a police referral


class AuditEvent(models.Model):
    """One act of a member, chained by hash to the one before. It refers by text, as its subject may be deleted."""

    seq = models.PositiveBigIntegerField("number", primary_key=True)
    at = models.DateTimeField("time")
    actor = models.CharField("user", max_length=150)
    by_program = models.BooleanField(default=False, help_text="Streetlight did this by itself.")
    act = models.CharField("action", max_length=24)
    subject = models.CharField("item", max_length=60, blank=True, db_index=True)
    detail = models.JSONField(default=dict)
    rows = models.JSONField(
        default=dict, help_text="The SHA-256 of each row that it wrote, by table and key."
    )
    mac = models.CharField(
        max_length=64, blank=True, help_text="By the key file's audit key, where it names rows."
    )
    previous = models.CharField("hash of the event before", max_length=64)
    hash = models.CharField("hash", max_length=64, unique=True)

    class Meta:
        verbose_name = "audit event"
        verbose_name_plural = "audit events"
        ordering = ["-seq"]
        indexes = [models.Index(fields=["act", "at"], name="event_by_act")]

    def __str__(self) -> str:
        return f"event {self.seq} by {self.who}"

    @property
    def who(self) -> str:
        """Return who did it, in words: a username, or what no username can be."""
        if self.by_program:
            return "The system"
        return self.actor


class Checkpoint(models.Model):
    """The state of the log at an unlock or lock: an event's hash, under a MAC with the key file's audit key."""

    number = models.PositiveBigIntegerField(
        primary_key=True, help_text="1 for the first, without a gap."
    )
    seq = models.PositiveBigIntegerField(unique=True)
    hash = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"checkpoint {self.number} at event {self.seq}"
