"""Passkeys as a second factor (WebAuthn): what a browser is asked to do, and what its answer proves.

A ceremony's state, a challenge and for a new passkey its owner's handle, lies in the sealed session and serves one
answer. A passkey replaces the six digits of an app: the password is asked for with either.
"""

import json
import secrets
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential, WebAuthnUserHandle
from webauthn import generate_registration_options, options_to_json
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from reports.domain.errors import Refused
from reports.domain.people import accounts
from reports.models import AuditAct

NAME_LENGTH = 40
# What strangers send is parsed by two libraries, which raise whatever their parts raise.
_UNREADABLE = (
    WebAuthnException,
    OTPWebAuthnApiError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
)


def new_state(*, user: User | None = None) -> dict[str, str]:
    """Return the state of a new ceremony; a newcomer, who has no account yet, gets a handle of 64 random bytes."""
    handle = WebAuthnUserHandle.get_handle_for_user(user) if user else secrets.token_bytes(64)
    return {"challenge": bytes_to_base64url(secrets.token_bytes(32)), "handle": handle.hex()}


def to_make(*, username: str, state: dict[str, str], user: User | None = None) -> str:
    """Return what a browser needs to make a passkey, as JSON; not on a device that holds one of the user's already."""
    known: Sequence[PublicKeyCredentialDescriptor] = (
        WebAuthnCredential.get_credential_descriptors_for_user(user) if user else ()
    )
    options = generate_registration_options(
        rp_id=settings.OTP_WEBAUTHN_RP_ID,
        rp_name=settings.OTP_WEBAUTHN_RP_NAME,
        user_id=bytes.fromhex(state["handle"]),
        user_name=username,
        challenge=base64url_to_bytes(state["challenge"]),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=list(known),
    )
    return options_to_json(options)


def to_show(*, user: User, state: dict[str, str]) -> str:
    """Return what a browser needs to show one of the user's passkeys, as JSON."""
    known = WebAuthnCredential.get_credential_descriptors_for_user(user)
    allowed = [
        {"type": "public-key", "id": bytes_to_base64url(credential.id)} for credential in known
    ]
    options = {
        "challenge": state["challenge"],
        "rpId": settings.OTP_WEBAUTHN_RP_ID,
        "allowCredentials": allowed,
    }
    return json.dumps(options | {"userVerification": "preferred"})


def make(*, user: User, state: dict[str, str], answer: str, name: str = "") -> WebAuthnCredential:
    """Store the passkey that a browser has made for this ceremony; raises Refused with what to do."""
    try:
        with transaction.atomic():
            WebAuthnUserHandle.objects.update_or_create(
                user=user, defaults={"handle_hex": state["handle"]}
            )
            made = WebAuthnHelper(None).register_complete(
                user=user, state=_expected(state), data=json.loads(answer)
            )
            made.name = name.strip()[:NAME_LENGTH] or "Passkey"
            made.save(update_fields=["name"])
            accounts.log_event(user=user, by=user, act=AuditAct.SECOND_FACTOR, kind="passkey")
    except (*_UNREADABLE, DatabaseError) as error:
        raise Refused(
            "We could not make the passkey. Try again, or use an authenticator app."
        ) from error
    return made


def prove(*, user: User, state: dict[str, str], answer: str) -> WebAuthnCredential:
    """Return the user's own passkey that answered this ceremony; raises Refused with what to do."""
    try:
        credential = WebAuthnHelper(None).authenticate_complete(
            user=user, state=_expected(state), data=json.loads(answer)
        )
    except _UNREADABLE as error:
        raise Refused(
            "That is not a passkey for this account. Try again, or use a recovery code."
        ) from error
    return credential


def of(*, user: User) -> list[WebAuthnCredential]:
    """Return the user's passkeys, oldest first."""
    return list(WebAuthnCredential.objects.filter(user=user, confirmed=True).order_by("pk"))


def remove(*, user: User, pk: int) -> None:
    """Forget a passkey, for example of a lost phone; sessions that began with it end. The last factor stays."""
    with transaction.atomic():
        own = list(WebAuthnCredential.objects.select_for_update().filter(user=user))
        passkey = next((credential for credential in own if credential.pk == pk), None)
        if passkey is None:
            raise Refused("This passkey no longer exists.")
        if len(own) == 1 and not TOTPDevice.objects.filter(user=user, confirmed=True).exists():
            raise Refused("This is your only way to sign in. Add another passkey first.")
        passkey.delete()
        accounts.log_event(user=user, by=user, act=AuditAct.REMOVED_PASSKEY)


def _expected(state: dict[str, str]) -> dict[str, Any]:
    """Return the state as the ceremonies of django-otp-webauthn take it; the password is the other factor."""
    return {"challenge": state["challenge"], "require_user_verification": False}
