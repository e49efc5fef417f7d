"""Markup that runs if a page takes it for its own, put into every text that is stored, whatever model it is in."""

from dataclasses import replace

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from reports.sealing import envelope

SIGN = "data-zz"  # an attribute of every element that the markup would make
RUN = "zz()"  # what it would call
SCRIPT = f"\"'><img src=x {SIGN} onerror={RUN}></textarea></title></script><svg {SIGN} onload={RUN}>{{{{7*7}}}}"
SHORTER = (SCRIPT, f'"><b {SIGN} onclick={RUN}>', f"<b {SIGN}>")
LINK = f"javascript:{RUN}//{SIGN}"
MARKDOWN = f"{SCRIPT}\n\n[x]({LINK}) ![x]({LINK}) <a href='{LINK}'>x</a>\n\n<script>{RUN}</script>\n\n`{SCRIPT}`\n"

APPS = (
    "newsroom",
    "reports",
    "auth",
    "otp_totp",
    "otp_static",
    "django_otp_webauthn",
    "axes",
    "admin",
)
VALUES = {  # of a row that nobody has made, by the kind of its fields
    models.CharField: "x",
    models.TextField: "A text.",
    models.JSONField: {"words": "A text."},
    models.BinaryField: b"x",
    models.BooleanField: False,
    models.IntegerField: 1,
    models.DateTimeField: timezone.now(),
    models.DateField: timezone.localdate(),
    models.GenericIPAddressField: "127.0.0.1",
}
# Names that mean the same wherever they stand, and are no text of anybody's: what a program made, chose or looks up.
MADE = (
    "password key token hash previous mac digest lookup tag recipient public_key wrapped session_hash handle_hex "
    "credential_id_sha256 aaguid transports owner node padding second_approval object_id reference"
)
CHOSEN = "act category area appeal kind role measure table cell causes codename app_label model"
# Written with the name of whoever did it: the names of users have the markup from the beginning.
BY_NAME = (
    "author made_by changed_by proposer editor team_lead compared_by reviewed_by looked_by "
    "acknowledged_by proposed_by agreed_by username actor target"
)
ELSEWHERE = {
    "auth.Group.name": "the roles, which the code names",
    "auth.Permission.name": "written by the code",
    "reports.AuditEvent.subject": "references, and names of users",
    "reports.Node.id": "random",
    "reports.Enquiry.codename": "of two lists of words",
    "newsroom.Rendition.name": "made by the code",
    "newsroom.ChangeCount.recent": "numbers of stories",
    "reports.FiguresRelease.figures": "numbers, by names of the code",
    "reports.Notice.to": "e-mail addresses, until the notice is sent",
    "reports.AuditEvent.rows": "hashes, by names of tables",
    "reports.Approval.name": "the name of whoever approves",
}


def fill(text, limit):
    """Return a text with as much of the markup before it as fits; the longest that does."""
    markup = next((one for one in SHORTER if limit is None or len(one) < limit), "")
    return (markup + text)[:limit]


def marked(value):
    """Return a JSON value with the markup after each text; codes, keys and choices, which are one word, stay."""
    if isinstance(value, dict):
        return {name: marked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [marked(inner) for inner in value]
    return (
        value + SCRIPT
        if isinstance(value, str) and (" " in value or value.startswith("zz"))
        else value
    )


def seal_marked(bundle, *, recipients):
    """Seal as `envelope.seal` does, with the markup in every text, whatever is sealed and whoever seals it."""
    return SEAL(replace(bundle, content=marked(bundle.content)), recipients=recipients)


SEAL = envelope.seal


def fields():
    """Yield every field that holds text in clear which somebody typed, of every model: a new one is found by itself."""
    named = f"{MADE} {CHOSEN} {BY_NAME}".split()
    for model in apps.get_models():
        if model._meta.app_label not in APPS:
            continue
        for field in model._meta.concrete_fields:
            textual = isinstance(field, models.CharField | models.TextField | models.JSONField)
            if not textual or field.choices or isinstance(field, models.SlugField):
                continue
            if field.name in named or f"{model._meta.label}.{field.name}" in ELSEWHERE:
                continue
            yield field


def mark_everything():
    """Put the markup into every such field of every row; return the names of those whose database refuses it.

    A table that is empty gets a row first.
    """
    without = []
    for field in fields():
        model = field.model
        if not model._base_manager.exists():
            make_row(model)
        results = [
            _mark(field, pk, value)
            for pk, value in list(model._base_manager.values_list("pk", field.attname))
        ]
        if not any(results):
            without.append(f"{model._meta.label}.{field.name}")
    return without


def make_row(model):
    """Save a row with something in every field that must have something."""
    wanted = {}
    for field in model._meta.concrete_fields:
        if field.is_relation:
            wanted[field.name] = field.related_model._base_manager.first()
        elif not (field.primary_key or field.has_default() or field.null or field.blank):
            values = [value for kind, value in VALUES.items() if isinstance(field, kind)]
            wanted[field.name] = values[0] if values else None
    model(**wanted).save()


def _mark(field, pk, value):
    if isinstance(field, models.JSONField):
        new = marked(value)
    elif isinstance(field, models.URLField):
        new = LINK
    elif field.name == "body":
        new = f"{value}\n\n{MARKDOWN}"
    else:
        new = fill(str(value or pk), field.max_length)
    try:
        with transaction.atomic():
            field.model._base_manager.filter(pk=pk).update(**{field.attname: new})
    except IntegrityError:
        return False
    return SIGN in str(new)
