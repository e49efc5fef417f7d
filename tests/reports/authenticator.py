"""An authenticator in software: makes passkeys and shows them as a browser sends them (WebAuthn level 3)."""

import base64
import hashlib
import json
import secrets
import struct

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(data):
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Authenticator:
    """One device with one passkey."""

    def __init__(self, *, origin="http://localhost:8000", domain="localhost"):
        """Make the key; `origin` is what the browser says of the page that asks."""
        self.key, self.id = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(32)
        self.origin, self.domain, self.count = origin, domain, 0

    def make(self, options):
        """Answer what `passkeys.to_make` asked."""
        asked = json.loads(options)
        point = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        held = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        data = self._data(PRESENT | VERIFIED | ATTESTED) + held
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer(
            clientDataJSON=text(client),
            attestationObject=text(attestation),
            transports=["internal"],
        )

    def show(self, options):
        """Answer what `passkeys.to_show` asked."""
        self.count += 1
        data, client = (
            self._data(PRESENT),
            self._client("webauthn.get", json.loads(options)["challenge"]),
        )
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=text(client), authenticatorData=text(data), signature=text(signature)
        )

    def _data(self, flags):
        return hashlib.sha256(self.domain.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **response):
        return json.dumps(
            {
                "id": text(self.id),
                "rawId": text(self.id),
                "type": "public-key",
                "response": response,
            }
        )
