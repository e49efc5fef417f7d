"""Pictures in a referral: one member includes each, and another approves it as identifying nobody. Never one alone."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core import transitions
from reports.domain.audit.columns import hashes
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused
from reports.domain.intake import photos
from reports.domain.keys.keyholders import Keys
from reports.domain.people import second_person
from reports.domain.referrals import approvals, police_referrals
from reports.domain.rights import REFER
from reports.domain.tips import opening
from reports.models import AuditAct, AuditEvent, Entry, Referral, ReferralPicture, Tip


def choose(
    *, referral: Referral, entry: Entry, number: int, by: User, keys: Keys
) -> ReferralPicture:
    """Put a picture (from 0) of one of the referral's tips into it; it leaves once someone else has approved it."""
    police_referrals.require_free(referral=referral, by=by)
    if not referral.parts.filter(tip=entry.tip_id).exists():
        raise Refused("This picture is not from a tip in this referral.")
    photos.redrawn(
        opening.picture_held(entry=entry, number=number, keys=keys)
    )  # refuses what is no picture of ours
    with transaction.atomic():
        row = police_referrals.change(referral=referral, by=by)
        if row.pictures.filter(entry=entry, number=number).exists():
            raise Refused("This picture is already in the referral.")
        new = ReferralPicture.objects.create(referral=row, entry=entry, number=number, chosen_by=by)
        rows = Named([new], keys=keys)
        police_referrals.log_event(
            referral=row, by=by, act=AuditAct.CHOSE_PICTURE, number=number, rows=rows
        )
    return new


def approve(*, picture: ReferralPicture, by: User, keys: Keys) -> None:
    """Say, as a second reader who has looked at it, that a picture identifies nobody."""
    police_referrals.require_free(referral=picture.referral, by=by)
    if picture.chosen_by_id == by.pk:
        raise Refused("You included this picture, so someone else must approve it.")
    second_person.require_settled(REFER, user=by)
    viewings = AuditEvent.objects.filter(
        act=AuditAct.READ_PICTURE,
        actor=by.get_username(),
        subject=picture.entry.tip.reference,
        detail__entry=picture.entry.position,
        detail__number=picture.number,
    )
    if not viewings.exists():
        raise Refused("Look at the whole picture before you approve it.")
    with transaction.atomic():
        row = transitions.locked(picture.referral)
        transitions.after(row, "change", table=approvals.TRANSITIONS)
        own = (
            row.pictures.filter(pk=picture.pk, approved_by=None)
            .select_related("entry__tip", "referral")
            .first()
        )
        if own is not None:
            was = hashes(own)
            own.approved_by = by
            own.verified = timezone.localdate()
            own.save(update_fields=["approved_by", "verified"])
            rows = Named([own], was=was, keys=keys)
            police_referrals.log_event(
                referral=row, by=by, act=AuditAct.APPROVED_PICTURE, number=picture.number, rows=rows
            )


def leave_out(*, picture: ReferralPicture, by: User, keys: Keys) -> None:
    """Take a picture out of its referral."""
    police_referrals.require_free(referral=picture.referral, by=by)
    with transaction.atomic():
        row = police_referrals.change(referral=picture.referral, by=by)
        for own in row.pictures.filter(pk=picture.pk).select_related("entry__tip", "referral"):
            _leave_out(own, row, by=by, keys=keys)


def leave_out_all(*, tip: Tip, by: User, keys: Keys) -> None:
    """Take all pictures of a tip out of the referrals that have not left, whoever chose and approved them."""
    chosen = ReferralPicture.objects.filter(
        entry__tip=tip, referral__status__in=approvals.UNSENT
    ).select_related("entry__tip", "referral")
    for picture in chosen:
        row = police_referrals.change(referral=picture.referral, by=by)
        _leave_out(picture, row, by=by, keys=keys)


def _leave_out(picture: ReferralPicture, referral: Referral, *, by: User, keys: Keys) -> None:
    """Delete the row of a picture of a referral that is locked and has no approvals, and record that."""
    ReferralPicture.objects.filter(pk=picture.pk).delete()
    rows = Named(deleted=[picture], keys=keys)
    police_referrals.log_event(
        referral=referral, by=by, act=AuditAct.LEFT_PICTURE_OUT, number=picture.number, rows=rows
    )
