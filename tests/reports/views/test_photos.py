"""Pictures after a tip: each bad one is named, the good ones are sent, and the seven words are always there."""

import socket

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from reports.domain.intake import outbox, photos
from reports.sealing import receipts
from tests.reports import pictures
from tests.reports.markup import Page, assert_wired, hidden, slip
from tests.reports.views.conftest import stored

pytestmark = pytest.mark.usefixtures("key_file")
NOT_NOW = "We cannot take pictures now, so we do not have these. We have your tip. Tell us in a new tip what they show."


@pytest.fixture
def proof(client, key_file, wait):
    """Return what the picture form of a receipt posts by itself, and clear the outbox."""
    fields = slip(client)
    wait()
    receipt = client.post("/report/receipt/", fields | {"what": "A van"})
    for name in outbox.waiting():
        (outbox.folder() / name).unlink()
    return hidden(receipt)


def png(name="van.png"):
    """Return a good picture."""
    return SimpleUploadedFile(name, pictures.encode(pictures.gradient(), "PNG"))


def send(client, proof, *files, **headers):
    """Post pictures and hold that the answer shows the words of the receipt, whatever became of the files."""
    response = client.post("/report/photos/", proof | {"photos": list(files)}, headers=headers)
    assert response.status_code == 200
    words = "".join(f"<li>{word}</li>" for word in receipts.words(proof["token"]))
    assert (
        f'<ol class="receipt-card" lang="en" dir="ltr" translate="no">{words}</ol>' in response.text
    )
    assert_wired(Page(response.text))
    return response


def problems(response):
    """Return the sentences at the file field, and hold that the title and the summary know of them."""
    page = Page(response.text)
    sentences = page.texts.get("id_photos_error", "").split("Error: ")[1:]
    title = response.text.partition("<title>")[2].partition("</title>")[0]
    assert title == ("Error: Thank you" if sentences else "Thank you")
    assert [attrs["href"] for attrs in page.all("a")].count("#id_photos") == len(sentences)
    return [sentence.strip() for sentence in sentences]


def test_pictures_are_sealed_as_a_follow_up(client, key_file, proof):
    response = send(client, proof, png(), png("second.png"))
    assert problems(response) == []
    assert "We have your 2 pictures." in response.text
    (bundle,) = stored(key_file)
    assert bundle.content["kind"] == "photos"
    assert [pictures.decode(file).format for file in bundle.files] == ["JPEG", "JPEG"]


@pytest.mark.promise("receiving")
def test_pictures_far_too_large_are_each_named_beside_the_words(client, key_file, proof):
    """Pictures that are far too large cost no words and no good picture."""
    large = [SimpleUploadedFile(f"large{number}.jpg", bytes(12 * 1024**2)) for number in range(4)]
    response = send(client, proof, *large, png(), png("sixth.png"))
    sentence = f"{photos.TOO_LARGE} {photos.SCREENSHOT}" % {"size": "12.0\xa0MB"}
    too_many = "sixth.png: you can send only five pictures at a time. Send this one next."
    assert problems(response) == [
        *(f"large{number}.jpg: {sentence}" for number in range(4)),
        too_many,
    ]
    assert "We have your picture." in response.text
    assert [len(bundle.files) for bundle in stored(key_file)] == [1]


@pytest.mark.parametrize("mark", ["", "é"])
def test_pictures_without_the_receipts_proof_are_not_taken(client, proof, mark):
    assert problems(send(client, proof | {"mark": mark}, png())) == [NOT_NOW]
    assert outbox.waiting() == []


def test_another_site_shows_nobody_a_receipt_whose_words_it_knows(client, proof):
    headers = {"Origin": "http://elsewhere.example"}
    response = client.post("/report/photos/", proof | {"photos": [png()]}, headers=headers)
    assert (response.status_code, response["Location"]) == (302, "/report/")
    assert outbox.waiting() == []


def test_words_that_are_kept_are_not_shown_again_with_a_picture(client, proof):
    response = client.post("/report/photos/", proof | {"kept": "yes", "photos": [png()]})
    assert ("receipt-card" in response.text, hidden(response)["kept"]) == (False, "yes")
    assert "We have your picture." in response.text


def test_no_proof_is_made_for_a_token_that_came_without_one(client, proof):
    assert hidden(send(client, proof | {"mark": ""}, png()))["mark"] == ""
    assert hidden(send(client, proof, png()))["mark"] == proof["mark"]


def dribble(client, fields, *, stop_at):
    """Post pictures on a connection that stays open and brings nothing any more from `stop_at` on."""
    body = encode_multipart(BOUNDARY, fields)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        theirs.sendall(body[: body.index(stop_at)])
        with ours.makefile("rb") as stream:
            return client.request(
                REQUEST_METHOD="POST",
                PATH_INFO="/report/photos/",
                CONTENT_TYPE=MULTIPART_CONTENT,
                CONTENT_LENGTH=str(len(body)),
                **{"wsgi.input": stream, "gunicorn.socket": ours},
            )


def test_an_upload_that_never_ends_is_ended_and_keeps_the_words_and_what_had_come(
    client,
    key_file,
    proof,
    monkeypatch,
):
    monkeypatch.setattr(settings, "PHOTO_READ_TIME", 0.2)
    response = dribble(client, proof | {"photos": [png(), png("late.png")]}, stop_at=b"late.png")
    (problem,) = problems(response)
    assert problem.startswith(
        "We stopped after 0 minutes. We do not have the files that had not arrived"
    )
    assert "We have your picture." in response.text
    assert "".join(f"<li>{word}</li>" for word in receipts.words(proof["token"])) in response.text
    assert [len(bundle.files) for bundle in stored(key_file)] == [1]
