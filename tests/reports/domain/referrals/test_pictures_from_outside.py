"""Pictures that did not come through our child process: nothing of ours decodes them, shows them or sends them on."""

import base64
import io
import json
import uuid

import pytest
from django.utils import timezone
from PIL import Image, ImageFile, TiffImagePlugin
from pypdf import PdfReader

from reports.domain import state_files
from reports.domain.errors import Refused
from reports.domain.intake import outbox, photos
from reports.domain.referrals import departure, police_referrals, second_reader
from reports.domain.tips import opening
from reports.models import Arrival, Entry
from reports.sealing import envelope
from tests.factories import shown
from tests.reports import pictures
from tests.reports.handing import approve, rewrite

SENT = pictures.encode(pictures.gradient(), "PNG")


def arrived(tip, picture, *, by, keys):
    """Return an opened entry with a picture that a taken machine sealed to the desk by itself."""
    key, entry, tag = state_files.public_key(), str(uuid.uuid4()), uuid.uuid4().hex
    bound = {"id": entry, "lookup": tip.lookup, "tag": tag, "key": key.index}
    bundle = envelope.Bundle(
        bound=bound, content={"kind": "photos", "pictures": ["x"]}, files=(picture,)
    )
    flags = dict.fromkeys(("urgent", "suspect"), False) | {"answer": True, "key_index": key.index}
    sealed = envelope.seal(bundle, recipients=[key.recipient])
    facts = {"id": entry, "lookup": tip.lookup, "tag": tag, "received": timezone.localdate()}
    Arrival.objects.create(**facts, **flags, sealed=sealed)
    outbox.drain()
    opening.open_new(by=by, keys=keys)
    opening.read(tip=tip, by=by, keys=keys)
    return Entry.objects.get(pk=entry)


def not_ours():
    """Return a TIFF that tells something, and pictures that we take from senders but never store."""
    tiff = io.BytesIO()
    notes = TiffImagePlugin.ImageFileDirectory_v2()
    notes[270] = "zz-of-the-camera"
    pictures.gradient().save(tiff, "TIFF", tiffinfo=notes)
    return [
        tiff.getvalue(),
        *(pictures.encode(pictures.gradient(), kind) for kind in ("PNG", "WEBP")),
        b"\xff\xd8 cut",
    ]


@pytest.mark.parametrize("picture", not_ours(), ids=["tiff", "png", "webp", "cut"])
def test_what_is_no_jpeg_is_neither_shown_nor_chosen(tip, caseworker, keys, picture):
    entry = arrived(tip, picture, by=caseworker, keys=keys)
    who = {"entry": entry, "number": 0, "by": caseworker, "keys": keys}
    draft = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    with pytest.raises(Refused, match="not a picture as we store them"):
        opening.picture(**who)
    with pytest.raises(Refused, match="not a picture as we store them"):
        second_reader.choose(referral=draft, **who)


@pytest.fixture
def pictured(tip, caseworker, second, keys):
    """Return an approved referral with a JPEG that tells something."""
    entry = arrived(tip, pictures.telling_jpeg("zz-of-the-camera"), by=caseworker, keys=keys)
    rewrite(tip, by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=keys)
    second_reader.choose(referral=referral, entry=entry, number=0, by=caseworker, keys=keys)
    opening.picture(entry=entry, number=0, by=second, keys=keys)
    second_reader.approve(picture=referral.pictures.get(), by=second, keys=keys)
    for member in (caseworker, second):
        approve(referral, by=member, keys=keys)
    referral.refresh_from_db()
    return referral


def test_pages_and_paper_have_pixels_alone_and_the_json_what_was_approved(
    pictured, caseworker, keys, monkeypatch
):
    entry, who = pictured.pictures.get().entry, {"by": caseworker, "keys": keys}
    with monkeypatch.context() as patch:
        for owner, name in (
            (Image, "open"),
            (ImageFile.ImageFile, "load"),
            (ImageFile.Parser, "feed"),
        ):
            patch.setattr(
                owner, name, lambda *_a, **_k: pytest.fail("a picture was decoded in the server")
            )
        page = opening.picture(entry=entry, number=0, **who)
        photos.clean(SENT)
        files = {}
        for kind in ("json", "pdf"):
            out = departure.export(
                referral=pictured,
                kind=kind,
                recipient=None,
                **who,
                reauthentication=shown(caseworker),
            )
            files[kind] = out.data
            pictured.refresh_from_db()
    (approved,) = json.loads(files["json"])["content"]["reports"][0]["pictures"]
    assert base64.b64decode(approved) == opening.picture_held(entry=entry, number=0, keys=keys)
    drawn = [
        image.data
        for page_of_it in PdfReader(io.BytesIO(files["pdf"])).pages
        for image in page_of_it.images
    ]
    assert len(drawn) == 1
    assert pictures.notes_in(page) == []
    assert b"zz-of-the-camera" not in page + files["pdf"] + drawn[0]
    assert b"zz-of-the-camera" in base64.b64decode(approved), "the control"


def test_flood_of_senders_pictures_keeps_nobody_from_looking_at_one(
    monkeypatch,
):
    monkeypatch.setattr(photos, "PATIENCE", 0.01)
    with photos._turns, photos._turns:
        assert photos.redrawn(pictures.stored()) == pictures.stored()
        with pytest.raises(Refused, match="busy"):
            photos.clean(SENT)  # the control
    with photos._desks_turn, pytest.raises(Refused, match="Try again in a minute"):
        photos.redrawn(pictures.stored())
