"""Which role may do what at which address: what docs/roles.md shows, and what a test holds against every request.

The pages that Django's admin makes of a model follow from its rights; every other address is listed here by name.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.urls import URLPattern, URLResolver

from reports.domain.people.roles import ROLES

EVERYBODY, STAFF, NOBODY = "everybody", "every member", "nobody"
RUN, READ, TRIAGE = "reports.run_desk", "reports.read_tip", "reports.triage_tip"
FIGURES = "reports.view_figures"
SEE, REVEAL, RECORD = "reports.view_tip", "reports.reveal_contact", "reports.view_auditevent"
HAND_OVER = "reports.hand_over"
WRITE, LOOK = "newsroom.change_article", "newsroom.view_article"
SIGN, TOLD = "reports.sign_outcome", "reports.view_outcome"
BOTH, GET, POST = ("GET", "POST"), ("GET",), ("POST",)

# The right that an address asks for, the methods that it takes, and which addresses those are, by name.
LISTED: tuple[tuple[str, Sequence[str], str], ...] = (
    (EVERYBODY, BOTH, "login login-passkey join join-password join-app"),
    (EVERYBODY, POST, "join-passkey"),
    (STAFF, BOTH, "index password_change join-codes sessions factors reports_tip_history newsroom_article_history"),
    (STAFF, GET, "password_change_done jsi18n"),
    (STAFF, POST, "logout lock-everywhere passkey-add passkey-remove reports_draft"),
    (STAFF, POST, "reports_draft_stay reports_draft_discard reports_draft_carried"),
    (READ, BOTH, "search"),
    (RUN, BOTH, "searches"),
    (READ, BOTH, "unlock next join-words join-wait reports_tip_change reports_tip_picture reports_tip_recuse"),
    (READ, POST, "lock"),
    (TRIAGE, POST, "reports_tip_save reports_tip_acknowledge reports_tip_hand-back"),
    (TRIAGE, POST, "reports_tip_undo reports_tip_write reports_tip_safety reports_tip_start reports_tip_take-back"),
    (TRIAGE, POST, "reports_tip_link reports_tip_relate reports_tip_alone"),
    (READ, BOTH, "reports_tip_related"),
    (TRIAGE, BOTH, "reports_enquiry_begin reports_outcome_propose"),
    (SIGN, BOTH, "reports_outcome_sign"),
    (SIGN, POST, "reports_outcome_take-back"),
    (TOLD, POST, "reports_outcome_withdraw"),
    (TRIAGE, POST, "reports_enquiry_rename reports_enquiry_summarise reports_enquiry_move"),
    (TRIAGE, POST, "reports_enquiry_link reports_enquiry_unlink reports_enquiry_join reports_enquiry_leave"),
    (TRIAGE, POST, "reports_enquiry_tell reports_enquiry_untell"),
    (HAND_OVER, POST, "reports_tip_sanitise reports_pack_draft reports_pack_draft_enquiry"),
    (HAND_OVER, POST, "reports_pack_sign reports_pack_alone reports_pack_danger reports_pack_withdraw"),
    (HAND_OVER, POST, "reports_pack_confirm reports_pack_choose reports_pack_vouch reports_pack_leave-out"),
    (HAND_OVER, POST, "reports_pack_export"),
    (REVEAL, POST, "reports_tip_reveal"),
    (SEE, BOTH, "appeals"),
    (SEE, GET, "reports_tip_deletions"),
    (RUN, POST, "reports_tip_deletions"),
    (SEE, POST, "reports_tip_keys"),
    (SEE, BOTH, "reports_tip_calls"),
    (TRIAGE, POST, "reports_tip_disclose reports_tip_review"),
    (TRIAGE, BOTH, "reports_tip_record"),
    (RECORD, BOTH, "reports_auditevent_verify"),
    (FIGURES, BOTH, "dashboard dashboard-count dashboard-csv"),
    (RUN, BOTH, "people people-invite people-again people-grant people-revoke people-lost people-rotate people-retire"),
    (RUN, BOTH, "people-strays"),
    (RUN, BOTH, "reports_tip_hold reports_tip_recusals reports_tip_danger"),
    (RUN, POST, "reports_tip_look"),
    (LOOK, GET, "newsroom_article_preview newsroom_article_revisions newsroom_article_changes"),
    (LOOK, GET, "newsroom_article_scheduled"),
    (WRITE, POST, "newsroom_article_keep newsroom_article_look newsroom_article_begin newsroom_image_attach"),
    (WRITE, BOTH, "newsroom_article_publish_changes newsroom_article_schedule_changes"),
    (WRITE, BOTH, "newsroom_article_unschedule_changes newsroom_article_drop_changes"),
    (LOOK, GET, "newsroom_article_revision"),
    (WRITE, POST, "newsroom_article_revision"),
    (WRITE, BOTH, "newsroom_article_publish newsroom_article_schedule newsroom_article_unschedule"),
    (WRITE, BOTH, "newsroom_article_withdraw newsroom_article_correct newsroom_article_discard"),
    (WRITE, BOTH, "newsroom_article_pin newsroom_article_unpin"),
    (RUN, POST, "clock-confirm people-reseal people-withdraw reports_tip_release reports_tip_needed reports_tip_lift"),
)
# Django's pages of one model: the right for looking and the right for sending, as words of the model's own.
OF_A_MODEL = {
    "changelist": ("view", "view"),
    "add": ("add", "add"),
    "change": ("view", "change"),
    "history": ("view", "view"),
    "delete": ("delete", "delete"),
}
DJANGOS = ("view_on_site", "app_list", "autocomplete", "")  # its own small ones, for members: they show no model


class Address(NamedTuple):
    """One address of the desk: its name, its pattern, and the right that each method asks for."""

    name: str
    pattern: str
    rights: dict[str, str]

    def open_to(self, role: str | None, method: str) -> bool:
        """Return whether somebody with this role (None: not signed in) gets in with this method."""
        right = self.rights.get(method, NOBODY)
        if role is None:
            return right == EVERYBODY
        return right in (EVERYBODY, STAFF) or right in ROLES[role]


class Unlisted(LookupError):
    """An address that nobody has said anything about."""


def addresses() -> Iterator[Address]:
    """Yield every address of the desk; raises Unlisted for one that is neither Django's own nor listed here."""
    listed: dict[str, dict[str, str]] = {}
    for right, methods, names in LISTED:
        for name in names.split():
            listed.setdefault(name, {}).update(dict.fromkeys(methods, right))
    for name, pattern in _patterns(admin.site.get_urls()):
        if name not in DJANGOS:
            yield Address(name, pattern, listed.get(name) or _of_a_model(name, pattern))


def _of_a_model(name: str, pattern: str) -> dict[str, str]:
    for model, room in admin.site._registry.items():  # noqa: SLF001 - how the admin knows its rooms
        prefix = f"{model._meta.app_label}_{model._meta.model_name}_"  # noqa: SLF001 - Django's public name
        kind = name.removeprefix(prefix)
        if name.startswith(prefix) and kind in OF_A_MODEL:
            return {method: _right(room, act) for method, act in zip(BOTH, OF_A_MODEL[kind], strict=True)}
    raise Unlisted(f"{name} ({pattern}) is not in reports/admin/roles.py: say there who may go to it.")


def _right(room: "ModelAdmin", act: str) -> str:
    """Return the right that an act on a model asks for: the room's own, else nobody's where it refuses whoever asks."""
    if own := getattr(room, "rights", {}).get(act):
        return str(own)
    method = f"has_{act}_permission"
    if act != "view" and getattr(type(room), method) is not getattr(ModelAdmin, method):
        return NOBODY
    meta = room.model._meta  # noqa: SLF001 - Django's public name
    return f"{meta.app_label}.{act}_{meta.model_name}"


def _patterns(urls: "Sequence[URLPattern | URLResolver]", before: str = "") -> Iterator[tuple[str, str]]:
    for one in urls:
        here = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns, here)
        else:
            yield one.name or "", here
