import pytest

from reports.domain import intake, triage
from reports.domain.intake import outbox, photos
from reports.models import AuditEvent, Entry, Status, Tip
from reports.sealing import receipts
from tests.reports import pictures
from tests.reports.admin.tip_page import address

TEXT = "A grey van by the garages, every night at nine."


def acts(tip: Tip) -> list[str]:
    return list(AuditEvent.objects.filter(subject=tip.reference).order_by("seq").values_list("act", flat=True))


def test_tip_unlocked_shows_the_text_after_the_reading_is_recorded(unlocked, send):
    tip = send(TEXT)
    assert TEXT in unlocked.get(address(tip)).text
    assert acts(tip) == ["read"]
    tip.refresh_from_db()
    assert (tip.status, tip.unread) == (Status.READING, False)


def test_tip_shows_answers_in_the_forms_order_with_their_questions(unlocked, send):
    tip = send(TEXT, source="people_say", kind="street", area="olney", vehicles="Grey Transit")
    part = unlocked.get(address(tip)).context["parts"][0]
    assert [(str(answer.question), str(answer.text), str(answer.hint)) for answer in part.answers] == [
        ("What kind of thing is it?", "Dealing in the street or a car park", ""),
        ("Part of town", "Olney", ""),
        ("Cars, vans or bikes", "Grey Transit", ""),
        ("How do you know?", "People are saying so", "Rumour: a lead to follow, not knowledge."),
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("yes", "Yes, the sender agrees."),
        ("words", "Only in our words. Rewrite it before it is passed on."),
        ("no", "No. We may tell the police only if someone’s life is at risk, or a child may be in danger."),
        ("", "The sender did not say. Ask a lead before you pass anything on."),
    ],
)
def test_tip_says_whether_the_police_may_be_told(unlocked, send, answer, said):
    assert f"<dd>{said}</dd>" in unlocked.get(address(send(police=answer))).text


def test_tip_in_danger_or_under_18_says_so_first(unlocked, send):
    page = unlocked.get(address(send(danger="yes", under_18=True))).text
    assert page.index("phone 999 first") < page.index("What the sender wrote")
    assert "The sender says they are under 18." in page


def test_tip_marks_follow_ups_and_shows_what_differs(unlocked, phrase):
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": TEXT, "place": "Invented Row", "when": "At nine"})
    outbox.drain()
    intake.accept(token=token, answers={"what": f"{TEXT} Two vans now.", "place": "Invented Row"})
    outbox.drain()
    response = unlocked.get(address(Tip.objects.get()))
    first, second = response.context["parts"]
    assert (first.heading, second.heading) == ("What the sender wrote", "Follow-up: changed text")
    assert (second.what, second.answers) == (f"{TEXT} Two vans now.", [])
    assert [str(question) for question in second.left_out] == ["When does it happen, and how often?"]


def test_tip_calls_a_suspicion_by_its_reason_and_calmly(unlocked, phrase):
    intake.accept(token=receipts.new_token(), answers={"what": TEXT}, suspect=("too-fast",))
    outbox.drain()
    page = unlocked.get(address(Tip.objects.get())).text
    assert "it was sent within seconds of opening the form" in page
    assert "People do that too; judge by the text." in page


def test_tip_with_a_broken_envelope_warns_and_shows_the_rest(unlocked, phrase):
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": TEXT})
    outbox.drain()
    intake.accept(token=token, answers={"what": "Changed."})
    outbox.drain()
    Entry.objects.filter(position=2).update(sealed=b"rubbish")
    page = unlocked.get(address(Tip.objects.get())).text
    assert "This envelope does not open, or does not belong to this tip" in page
    assert TEXT in page


def test_tip_history_is_in_words_and_folds_repeated_readings(unlocked, send, officer):
    tip = send()
    for _ in range(3):
        unlocked.get(address(tip))
    triage.move(tip=Tip.objects.get(), to=Status.NO_ACTION, by=officer)
    lines = unlocked.get(address(tip)).context["sections"]["history"]["lines"]
    assert [(line.event.actor, line.words, line.times) for line in lines] == [
        ("olu", "read it", 1),
        ("olu", "moved it from “Being read” to “No action now”", 1),
        ("olu", "read it", 3),
    ]


def test_tip_ends_with_the_way_to_the_next(unlocked, send):
    tip, following = send(), send()
    page = unlocked.get(address(tip)).text
    assert f'<a href="/admin/next/?after={tip.reference}" data-key="u">Read next</a>' in page
    assert unlocked.get(f"/admin/next/?after={tip.reference}")["Location"] == address(following)


def test_picture_is_shown_recorded_and_kept_by_no_browser(unlocked, send):
    token, other = receipts.new_token(), send()
    intake.accept(token=token, answers={"what": TEXT})
    intake.send_photos(token=token, pictures=[photos.clean(pictures.telling_jpeg("a-marker"))])
    outbox.drain()
    pictured = Tip.objects.exclude(pk=other.pk).get()
    (part,) = [part for part in unlocked.get(address(pictured)).context["parts"] if part.pictures]
    assert part.heading == "Pictures"
    shown = unlocked.get(part.pictures[0])
    assert shown.content[:2] == b"\xff\xd8"
    assert {name: shown[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")} == {
        "Content-Type": "image/jpeg",
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
    }
    assert "no-store" in shown["Cache-Control"]
    assert acts(pictured) == ["read", "read-picture"]
    for nothing in (("/0/", "/1/"), (str(pictured.pk), str(other.pk))):
        assert unlocked.get(part.pictures[0].replace(*nothing)).status_code == 404
