"""A sender who comes back with their words, and a member who writes to them, with a secret in all that they type."""

from tests.reports import pictures
from tests.system.harness.member import Member
from tests.system.harness.resident import Page, Resident
from tests.system.proofs.walk import Secrets


def come_back(resident: Resident, words: str) -> Page:
    """Type the words on the mailbox's page."""
    return resident.post("/mailbox/", resident.get("/mailbox/").form("/mailbox/").fields | {"words": words})


def answer(resident: Resident, page: Page, text: str) -> Page:
    """Answer from an open mailbox."""
    return resident.post("/mailbox/reply/", page.form("/mailbox/reply/").fields | {"text": text})


def talk(port: int, member: Member, secrets: Secrets) -> None:
    """Write to every sender; let the first read it, answer with mistakes, send a picture; read the answer; burn."""
    question, answered = secrets.new("a message to the sender"), secrets.new("an answer from a mailbox")
    for address in member.tips():
        acts, page = address.removesuffix("change/"), member.get(address)
        long = secrets.new("a message that is too long") * 200
        member.press(page, f"{acts}write/", {"write-text": long, "write-asks": "yes"})
        sent = member.press(page, f"{acts}write/", {"write-text": f"{question}?", "write-asks": "yes"})
        assert question in sent.text, f"the message was answered with {sent.status}"
    resident, words = Resident(port), secrets["the seven words"][0]
    assert come_back(resident, f"{secrets.new('a wrong word')} {words}").status == 200
    page = come_back(resident, words)
    assert f"{question}?" in page.text, "the message is not in the mailbox"
    assert (
        secrets.new("an answer that is too long")
        in answer(resident, page, secrets["an answer that is too long"][0] * 2000).text
    )
    secrets["a ticket"] = [page.form("/mailbox/reply/").fields["ticket"]]
    assert "We have what you wrote." in answer(resident, page, answered).text
    picture = [
        ("photos", f"{secrets.new('a file name')}.jpg", pictures.telling_jpeg(secrets.new("a note in a picture")))
    ]
    mailbox = resident.post("/mailbox/photos/", page.form("/mailbox/photos/").fields, picture)
    assert 'class="sent"' in mailbox.text, f"the picture was answered with {mailbox.status}"
    assert any(answered in member.get(address).text for address in member.tips()), "no member finds the answer"
    resident.post("/mailbox/delete/", page.form("/mailbox/delete/").fields | {"number": "1", "sure": "yes"})
    burned = resident.post("/mailbox/burn/", page.form("/mailbox/burn/").fields | {"sure": "yes"})
    assert "The receipt is burned" in burned.text
