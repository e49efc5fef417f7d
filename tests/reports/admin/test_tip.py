import pytest

from reports.domain import intake, triage
from reports.domain.intake import outbox, photos
from reports.models import AuditEvent, Entry, Status, Tip
from reports.sealing import receipts
from tests.reports import pictures
from tests.reports.unrecorded import record_broken

TEXT = "A grey van by the garages, every night at nine."


def address(tip: Tip, act: str = "change") -> str:
    return f"/admin/reports/tip/{tip.pk}/{act}/"


def html(response) -> str:
    return response.content.decode()


def acts(tip: Tip) -> list[str]:
    return list(AuditEvent.objects.filter(subject=tip.reference).order_by("seq").values_list("act", flat=True))


def test_tip_unlocked_shows_the_text_after_the_reading_is_recorded(unlocked, send):
    tip = send(TEXT)
    page = html(unlocked.get(address(tip)))
    assert TEXT in page
    assert acts(tip) == ["read"]
    tip.refresh_from_db()
    assert (tip.status, tip.unread) == (Status.READING, False)


def test_tip_whose_reading_cannot_be_recorded_shows_no_text(unlocked, send):
    tip = send(TEXT)
    unlocked.get("/admin/reports/tip/")
    with record_broken():
        response = unlocked.get(address(tip))
    assert response.status_code == 503
    assert TEXT not in html(response)
    assert "could not be recorded, so it is not shown" in html(response)
    assert "read" not in acts(tip)
    tip.refresh_from_db()
    assert tip.unread
    assert TEXT in html(unlocked.get(address(tip)))  # the control: the same page, once it can be recorded


def test_tip_locked_shows_counts_history_and_the_lock_but_no_text(signed_in, send, officer):
    tip = send(TEXT)
    triage.note(tip=tip, text="A secret note.", by=officer)
    page = html(signed_in.get(address(tip)))
    assert "1 sealed arrival, 1 sealed note." in page
    assert "wrote a note" in page
    assert "Unlock this tip" in page
    assert f'<input type="hidden" name="next" value="{address(tip)}">' in page
    assert TEXT not in page
    assert "A secret note." not in page
    assert acts(tip) == ["noted"]


def test_tip_unlocked_from_its_own_page_comes_back_to_it(signed_in, send, phrase):
    tip = send(TEXT)
    response = signed_in.post("/admin/unlock/", {"phrase": phrase, "next": address(tip)}, follow=True)
    assert response.redirect_chain == [(address(tip), 302)]
    assert TEXT in html(response)


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
    assert f"<dd>{said}</dd>" in html(unlocked.get(address(send(police=answer))))


def test_tip_with_two_texts_takes_the_more_careful_answer_about_the_police(unlocked, phrase):
    token = receipts.new_token()
    for police in ("yes", "no"):
        intake.accept(token=token, answers={"what": TEXT, "police": police})
        outbox.drain()
    tip = Tip.objects.get()
    assert str(unlocked.get(address(tip)).context["care"].police).startswith("No.")


def test_tip_in_danger_or_under_18_says_so_first(unlocked, send):
    page = html(unlocked.get(address(send(danger="yes", under_18=True))))
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
    page = html(unlocked.get(address(Tip.objects.get())))
    assert "it was sent within seconds of opening the form" in page
    assert "People do that too; judge by the text." in page


def test_tip_text_is_never_markup(unlocked, send):
    page = html(unlocked.get(address(send("<script>alert(1)</script>"))))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in page


def test_tip_with_a_broken_envelope_warns_and_shows_the_rest(unlocked, phrase):
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": TEXT})
    outbox.drain()
    intake.accept(token=token, answers={"what": "Changed."})
    outbox.drain()
    Entry.objects.filter(position=2).update(sealed=b"rubbish")
    page = html(unlocked.get(address(Tip.objects.get())))
    assert "This envelope does not open, or does not belong to this tip" in page
    assert TEXT in page


def test_tip_whose_envelope_was_swapped_warns_and_shows_nothing_of_the_other(unlocked, send):
    mine, other = send(TEXT), send("Words of another tip.")
    Entry.objects.filter(tip=mine).update(sealed=Entry.objects.get(tip=other).sealed)
    page = html(unlocked.get(address(mine)))
    assert "This envelope does not open, or does not belong to this tip" in page
    assert "Words of another tip." not in page


def test_tip_whose_facts_were_changed_in_the_database_warns(unlocked, send):
    tip = send(TEXT, kind="home")
    unlocked.get("/admin/reports/tip/")
    Tip.objects.filter(pk=tip.pk).update(category="street")
    assert "is not what its sender wrote. Tell a lead." in html(unlocked.get(address(tip)))


def choices(response) -> list[str]:
    return [value for value, _label in response.context["sections"]["decision"]["form"].fields["status"].choices]


def test_tip_offers_exactly_the_moves_of_its_status(unlocked, send):
    tip = send()
    reading = [one for one in triage.moves_from(Status.READING) if one != Status.LINKED]  # which linking does
    assert choices(unlocked.get(address(tip))) == [Status.READING, *reading]
    Tip.objects.filter(pk=tip.pk).update(status=Status.SPAM)
    assert choices(unlocked.get(address(tip))) == [Status.SPAM, Status.READING]


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
    page = html(unlocked.get(address(tip)))
    assert f'<a href="/admin/next/?after={tip.reference}" data-key="u">Read next</a>' in page
    assert unlocked.get(f"/admin/next/?after={tip.reference}")["Location"] == address(following)


def test_tip_that_does_not_exist_is_not_found(unlocked):
    assert unlocked.get("/admin/reports/tip/00000000-0000-4000-8000-000000000000/change/").status_code == 404


@pytest.fixture
def pictured(phrase) -> Tip:
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": TEXT})
    intake.send_photos(token=token, pictures=[photos.clean(pictures.telling_jpeg("a-marker"))])
    outbox.drain()
    return Tip.objects.get()


def test_picture_is_shown_unlocked_recorded_and_kept_by_no_browser(unlocked, pictured):
    response = unlocked.get(address(pictured))
    (part,) = [part for part in response.context["parts"] if part.pictures]
    assert part.heading == "Pictures"
    shown = unlocked.get(part.pictures[0])
    assert shown.status_code == 200
    assert shown.content[:2] == b"\xff\xd8"
    assert {name: shown[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")} == {
        "Content-Type": "image/jpeg",
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
    }
    assert "no-store" in shown["Cache-Control"]
    assert acts(pictured) == ["read", "read-picture"]


def test_picture_on_a_locked_desk_asks_for_the_words(unlocked, pictured):
    (part,) = [part for part in unlocked.get(address(pictured)).context["parts"] if part.pictures]
    unlocked.post("/admin/lock/")
    response = unlocked.get(part.pictures[0])
    assert response["Location"].startswith("/admin/unlock/?next=")
    assert acts(pictured) == ["read"]


def test_picture_that_does_not_exist_is_not_found(unlocked, pictured, send):
    (part,) = [part for part in unlocked.get(address(pictured)).context["parts"] if part.pictures]
    assert unlocked.get(part.pictures[0].replace("/0/", "/1/")).status_code == 404
    other = send()
    assert unlocked.get(part.pictures[0].replace(str(pictured.pk), str(other.pk))).status_code == 404
