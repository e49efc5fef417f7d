"""A tip's page: what its sender wrote, what may be done with it, and what may leave the desk."""

import pytest
from django.utils import timezone

from reports.admin.pages.history import in_words
from reports.domain import enquiries
from reports.domain.audit import audit_log, staleness
from reports.domain.intake import photos, receiving
from reports.domain.mailbox import senders_side
from reports.domain.referrals import police_referrals, urgent_calls
from reports.domain.retention import schedule
from reports.domain.triage import triaging
from reports.models import AuditEvent, Entry, Grading, Tip, Translation, Wording
from reports.sealing import receipts
from tests.reports import pictures, telling
from tests.reports.acts import acts
from tests.reports.admin.tip_page import address, press, sent
from tests.reports.handing import make_ready

TEXT = "A grey van comes to the garages every night at nine."
GRADE = {"grade__source": "2", "grade__information": "C", "grade__handling": "C"}
GRADE |= {"grade__conditions": "Not to the landlord."}
WORDS = {"wording-text": "By my neighbour.", "wording-seen": "0"}


@pytest.fixture
def tip(send, unlocked):
    """Return a tip that the caseworker has begun to read."""
    sent = send(TEXT, source="saw")
    unlocked.get(address(sent))
    return Tip.objects.get(pk=sent.pk)


def last(tip):
    return (
        AuditEvent.objects.filter(subject=tip.reference)
        .values_list("actor", "act", "detail")
        .first()
    )


def test_tip_shows_answers_in_the_forms_order_with_their_questions(unlocked, send):
    tip = send(TEXT, source="people_say", kind="street", area="olney", vehicles="Grey Transit")
    part = unlocked.get(address(tip)).context["parts"][0]
    assert [
        (str(answer.question), str(answer.text), str(answer.hint)) for answer in part.answers
    ] == [
        ("What is it about?", "Dealing in the street or a car park", ""),
        ("Area", "Olney", ""),
        ("Cars, vans or bikes", "Grey Transit", ""),
        (
            "How do you know?",
            "People are saying it",
            "Rumour: something to follow up, not knowledge.",
        ),
    ]


def test_a_locked_tip_says_whose_messages_it_counts(signed_in, send, passphrase):
    tip = send()
    page = " ".join(signed_in.get(f"/admin/reports/tip/{tip.pk}/change/").text.split())
    assert "1 locked message from the sender" in page
    assert "Messages: none from us" in page


def test_history_leaves_out_what_a_member_has_only_looked_at_themself(unlocked, tip, team_lead):
    unlocked.post("/admin/reports/tip/", {"lines": "show"})
    assert "glimpsed" in acts(tip)
    assert "saw a line of it in a list" not in unlocked.get(address(tip)).text
    audit_log.record(by=team_lead, act="glimpsed", subject=tip.reference)
    assert "saw a line of it in a list" in unlocked.get(address(tip)).text


def test_tip_marks_follow_ups_and_shows_what_differs(unlocked, passphrase):
    token = receipts.new_token()
    telling.tell(TEXT, token=token, place="Invented Row")
    telling.tell(f"{TEXT} Two vans now.", token=token, place="Invented Row")
    response = unlocked.get(address(Tip.objects.get()))
    first, second = response.context["parts"]
    assert (first.heading, second.heading) == ("What the sender wrote", "Follow-up: changed text")
    assert (second.what, second.answers) == (f"{TEXT} Two vans now.", [])
    assert not any(part.new for part in (first, second)), "nothing was read before"
    telling.tell(f"{TEXT} Three vans.", token=token, place="Invented Row")
    again = unlocked.get(address(Tip.objects.get()))
    assert [(part.what[-5:], part.new) for part in again.context["parts"]][:2] == [
        ("vans.", True),
        (TEXT[-5:], False),
    ]
    assert again.text.count('"chip chip-unread">New</span>') == 1


def test_tip_says_of_a_text_and_pictures_that_they_came_after_the_words_were_stopped(
    unlocked, passphrase
):
    token = receipts.new_token()
    tip = telling.tell("A van.", token=token)
    says = "This arrived after the sender stopped their seven words: it may be from someone else."
    telling.tell("A red van.", token=token)
    senders_side.stop(token=token)
    assert says not in unlocked.get(address(tip)).text
    telling.tell("Phone me.", token=token)
    telling.send_photos(token=token, pictures=[b"\xff\xd8 not looked at"])
    assert unlocked.get(address(tip)).text.count(says) == 2


def test_tip_with_a_broken_envelope_warns_and_shows_the_rest(unlocked, passphrase):
    token = receipts.new_token()
    telling.tell(TEXT, token=token)
    telling.tell("Changed.", token=token)
    Entry.objects.filter(position=2).update(sealed=b"rubbish")
    page = unlocked.get(address(Tip.objects.get())).text
    assert "We cannot open this part of the tip, or it belongs to another tip" in page
    assert TEXT in page


def test_picture_is_shown_recorded_and_kept_by_no_browser(unlocked, send):
    token, other = receipts.new_token(), send()
    receiving.accept(token=token, answers={"what": TEXT})
    telling.send_photos(token=token, pictures=[photos.clean(pictures.telling_jpeg("a-marker"))])
    pictured = Tip.objects.exclude(pk=other.pk).get()
    (part,) = [part for part in unlocked.get(address(pictured)).context["parts"] if part.pictures]
    assert part.heading == "Pictures"
    shown = unlocked.get(part.pictures[0])
    assert shown.content[:2] == b"\xff\xd8"
    assert {
        name: shown[name]
        for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")
    } == {
        "Content-Type": "image/jpeg",
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
    }
    assert "no-store" in shown["Cache-Control"]
    assert acts(pictured) == ["read", "read-picture"]
    for nothing in (("/0/", "/1/"), (str(pictured.pk), str(other.pk))):
        assert unlocked.get(part.pictures[0].replace(*nothing)).status_code == 404


def test_reveal_shows_the_contact_after_recording_why(unlocked, send):
    tip = send(contact="details", contact_details="07700 900123", contact_safe="Text only")
    page = unlocked.get(address(tip)).text
    assert "The sender left contact details" in page
    error = '<p class="error" id="reveal-reason_error" role="alert">Choose why you need the contact details.</p>'
    assert error in (
        refused := unlocked.post(address(tip, "reveal"), {"reveal-reason": "because"}).text
    )
    assert "07700 900123" not in page + refused
    response = unlocked.post(address(tip, "reveal"), {"reveal-reason": "danger"})
    assert "07700 900123" in response.text
    assert "Text only" in response.text
    assert "no-store" in response["Cache-Control"]
    assert last(tip) == ("olu", "revealed", {"reason": "danger"})
    assert "07700 900123" not in unlocked.get(address(tip)).text


def test_page_is_one_form_whose_first_button_saves(unlocked, tip):
    page = unlocked.get(address(tip)).text
    surface = page[page.index('class="tip-form"') :]
    assert f'action="{address(tip, "save")}#said"' in surface
    first = page[
        page.index("<button") : page.index("</button>")
    ]  # of the page: the header's buttons send the form too
    assert 'form="page-form"' in first
    assert "formaction" not in first
    assert first.endswith(">Save")
    content = page[page.index('id="content"') :]
    assert content.count("<form") == 3, (
        "the surface, the search box, and the switch of the single keys"
    )
    assert " required" not in surface.partition("</form>")[0], (
        "a browser would hold up every other button"
    )


def test_danger_stands_first_and_reading_does_not_silence_its_alarm(unlocked, send):
    tip = send(danger="yes", under_18=True)
    page = unlocked.get(address(tip)).text
    assert page.index('Phone <a href="tel:999">999</a> first') < page.index("What the sender wrote")
    assert "The sender says they are under 18." in page
    assert "We email reminders until then, even once the tip is open." in page
    taken = press(unlocked, tip, "acknowledge").text
    assert taken.index('id="alarm"') < taken.index('id="said"') < taken.index("you have it")
    assert taken.count("Reminders start again") == 1, "it is said once"
    assert "✓ olu has it, since" in unlocked.get(address(tip)).text
    assert "We email reminders until then" not in taken
    assert "We email reminders until someone has it" in press(unlocked, tip, "hand-back").text


def test_a_suggested_grading_says_so_beside_the_senders_how_and_is_saved(unlocked, tip):
    page = unlocked.get(address(tip)).text
    assert "Suggested grading" in page
    assert "we are not an intelligence unit" in page
    assert (
        "The sender says: “I saw or heard it myself”. First hand: the sender knows it directly."
        in page
    )
    assert (
        '<option value="2" selected>2 Untested: we cannot say how reliable the sender is</option>'
        in page
    )
    assert page.count('<option value="" selected>– Open</option>') == 2
    assert (
        "Choose a source, a letter and a handling code."
        in press(unlocked, tip, "grade", grade__source="9").text
    )
    page = press(unlocked, tip, "grade", **GRADE).text
    assert f"{tip.reference}: suggested grading saved." in page
    assert '<option value="C" selected>C Known indirectly: someone told the sender</option>' in page
    assert "Not to the landlord." in page
    assert "3x5x2, by olu, version 1." in page
    assert "suggested a grading (version 1)" in page


def test_own_words_stand_beside_the_original_and_say_what_is_asked(unlocked, tip):
    response = unlocked.post(address(tip, "wording"), WORDS, follow=True)
    ((_asked, because),) = response.context["sections"]["own_words"]["questions"]
    text = response.text
    assert text.index('class="original"') < text.rindex(TEXT) < text.index('id="wording-text"')
    assert "“my neighbour”" in text
    assert "You have not answered this." in text
    assert "we have saved our wording. Now answer the questions below." in text
    answered = WORDS | {
        "wording-seen": str(staleness.now()),
        because.html_name: "The shop is called so.",
    }
    response = unlocked.post(address(tip, "wording"), answered, follow=True)
    assert "You have not answered this." not in response.text
    assert 'value="The shop is called so."' in response.text
    assert "Now answer" not in response.text


def test_words_of_the_contact_details_are_said_to_be_on_record(unlocked, send):
    tip, said = (
        send(TEXT, contact_details="Marzena"),
        "It includes some of the sender’s contact details.",
    )
    assert said not in press(unlocked, tip, "wording", wording__text="Agnes saw a car.").text
    assert said in press(unlocked, tip, "wording", wording__text="Marzena saw a car.").text
    event = AuditEvent.objects.get(act="matched-contact", subject=tip.reference)
    assert in_words(event) == "was shown what in our wording is in the contact details (places: 1)"


def test_a_copy_of_the_senders_words_is_never_called_saved_and_says_what_to_do(unlocked, send):
    tip = send(TEXT, police="words")
    said_of_copy = press(unlocked, tip, "wording", wording__text=TEXT)
    assert (
        f"{tip.reference}: this copies the sender. Write what we quote below in your own words."
        in said_of_copy.text
    )
    assert "we have saved" not in said_of_copy.text
    assert "so no police referral can leave with these." in said_of_copy.text
    assert "worded" not in said_of_copy.context["police"]["done"]
    ours = press(
        unlocked, tip, "wording", wording__text="A vehicle calls after dark."
    )  # the control
    assert "we have saved our wording." in ours.text
    assert "worded" in ours.context["police"]["done"]


@pytest.mark.parametrize(
    ("act", "box", "named"),
    [("wording", "removed", "What was left out"), ("grade", "conditions", "Conditions")],
)
def test_a_quote_in_another_box_is_refused_beside_it_and_all_that_was_typed_stays(
    unlocked, send, act, box, named
):
    tip, typed = send(TEXT, police="words"), {"wording__text": "A vehicle calls after dark."}
    typed |= GRADE | {f"{act}__{box}": TEXT}
    page = press(unlocked, tip, act, **typed)
    error = page.text.partition(f'id="{act}-{box}_error"')[2]
    refused = (
        f"“{named}” copies the sender, who lets only our own words leave. Write this in "
        f"your own words: “{TEXT[:-1]}”."
    )
    assert refused in error.partition("</p>")[0]
    assert page.text.count(refused) == 1
    assert "Change what is marked below, then press the button again." in page.text
    assert (Wording.objects.count(), Grading.objects.count()) == (0, 0)
    fields = sent(unlocked.get(address(tip)))
    assert (fields["wording-text"], fields[f"{act}-{box}"]) == (
        ["A vehicle calls after dark."],
        [TEXT],
    )


@pytest.mark.parametrize(
    ("later", "says"),
    [
        (None, "You may quote it: the sender said yes to the police."),
        ("And a dog.", "You may quote it: the sender said yes once"),
    ],
)
def test_a_sender_who_may_be_quoted_is_and_the_page_asks_for_no_other_words(
    unlocked, passphrase, later, says
):
    tip = telling.tell(TEXT, token=(token := receipts.new_token()), police="yes")
    if later:
        telling.tell(later, token=token)
    page = press(unlocked, tip, "wording", wording__text=TEXT)
    assert "we have saved our wording. It quotes the sender, as we say below." in page.text
    assert says in page.text
    assert "Write it in your own words" not in page.text
    assert page.context["feedback"]["warns"] is False
    assert "worded" in page.context["police"]["done"]


def test_beside_our_wording_stands_all_that_the_sender_wrote_newest_first(unlocked, passphrase):
    tip = telling.tell(TEXT, token=(token := receipts.new_token()), police="yes")
    telling.reply(token=token, text="I got the number wrong. It is 41.", after=0)
    page = unlocked.get(address(tip))
    original = page.text.split('class="original"')[1].split('id="wording-text"')[0]
    assert original.index("I got the number wrong") < original.index(TEXT)
    weeks = [when for when, _text in page.context["sections"]["own_words"]["originals"]]
    assert len(weeks) == 2
    assert all(f"Received: {when}" in original for when in weeks)


def test_a_warning_is_in_no_green_box(unlocked, send):
    tip = send("A man sells small bags behind the shop.", police="words")
    for text, warns in (
        ("We hear: a man sells small bags behind the shop.", True),
        ("Drugs are sold there.", False),
    ):
        page = press(unlocked, tip, "wording", wording__text=text)
        assert page.context["feedback"]["warns"] is warns
        assert ('<div id="said" tabindex="-1" class="problem"' in page.text) is warns


def test_the_folds_are_closed_but_for_the_one_that_is_asked_for_or_has_something(unlocked, tip):
    def folds(response):
        return [name for name, is_open in response.context["folds"].items() if is_open]

    assert folds(unlocked.get(address(tip))) == []
    for name in ("ask", "police", "keeping"):
        assert folds(unlocked.get(f"{address(tip)}?open={name}")) == [name]
    assert folds(press(unlocked, tip, "write", write__text="")) == ["ask"]
    press(unlocked, tip, "save", wording__text="Half a wording")
    assert folds(unlocked.get(address(tip))) == ["police"], "a draft"


def test_the_steps_to_the_police_lead_to_the_next_tip_and_draft_for_a_whole_enquiry(
    unlocked, send, caseworker, keys
):
    tips = [send(f"A van by the mill, {number}.", police="yes") for number in range(2)]
    enquiry = enquiries.begin_with(tip=tips[0], codename="quiet lantern", by=caseworker)
    enquiries.link(tip=tips[1], enquiry=enquiry, by=caseworker)
    page = unlocked.get(f"{address(tips[0])}?open=police")
    assert (page.context["police"]["done"], page.context["police"]["next"]) == ([], "graded")
    assert "Draft for all 2 of quiet lantern" in page.text
    make_ready(tips[0], by=caseworker, keys=keys)
    police_referrals.draft(tips=tips, by=caseworker, keys=keys)
    page = unlocked.get(address(tips[0]))
    assert page.context["police"]["done"] == ["graded", "worded", "drafted"]
    assert "Police: 3 of 4 done" in " ".join(page.text.split())
    assert f'href="{address(tips[1])}?open=police#police"' in page.text
    assert "Next tip of this referral" not in unlocked.get(address(tips[1])).text


def test_each_choice_says_what_follows(unlocked, send, caseworker):
    tip = send(danger="yes")
    choices = unlocked.get(address(tip)).context["sections"]["decision"]["choices"]
    follows = {radio.data["value"]: said for radio, said in choices}
    assert follows["reading"].startswith("Reminders go on. We keep it.")
    day = schedule.due_if_decided("no_action", today=timezone.localdate())
    assert follows["no_action"].startswith(
        f"Reminders end. We delete it on {day:%-d %b %Y} at the earliest."
    )
    assert all("The sender sees only that we read it" in said for said in follows.values())
    assert next(str(radio.choice_label) for radio, _said in choices) == "Leave open"
    triaging.acknowledge(tip=tip, by=caseworker)
    choices = unlocked.get(address(tip)).context["sections"]["decision"]["choices"]
    (stays,) = (said for radio, said in choices if radio.data["value"] == "reading")
    assert stays.startswith("Reminders are paused while someone has it.")


def test_how_long_a_tip_is_kept_is_said_alike_before_a_decision_and_after(
    unlocked, send, caseworker, team_lead, keys
):
    said = {"to": "999", "whom": "Operator 7", "when": "now", "ground": "child", "danger": "A boy."}
    called, plain = send(under_18=True, police="yes"), send()
    urgent_calls.add(tip=called, **said, by=team_lead, keys=keys)
    urgent_calls.add(tip=called, **said | {"to": "children"}, by=team_lead, keys=keys)
    for tip, to, sentence in (
        (
            called,
            "passed_on",
            "We keep it until the police confirm it, or someone else has looked at the call.",
        ),
        (
            plain,
            "no_action",
            f"We delete it on {schedule.due_if_decided('no_action', today=timezone.localdate()):%-d %b %Y}.",
        ),
    ):
        before = unlocked.get(address(tip))
        after = press(unlocked, tip, on=before, status=to)
        for page in (before, after):
            choices = page.context["sections"]["decision"]["choices"]
            assert sentence in next(text for radio, text in choices if radio.data["value"] == to)
        assert after.context["sections"]["retention"]["unchecked"] is (tip == called)


def test_versions_that_do_not_open_say_so_and_the_rest_of_the_tip_shows(unlocked, tip):
    press(unlocked, tip, "grade", **GRADE)
    unlocked.post(address(tip, "wording"), WORDS)
    unlocked.post(address(tip, "translate"), {"translate-text": "A van."})
    for model in (Grading, Wording, Translation):
        model.objects.update(sealed=b"rubbish")
    page = unlocked.get(address(tip)).text
    assert page.count("This cannot be unlocked, or it does not belong here. Tell a team lead.") == 3
    assert TEXT in page


def test_a_part_that_is_not_in_english_says_in_which_language_it_seems_to_be(unlocked, send):
    pages = [
        unlocked.get(address(send(text))).text
        for text in ("Każdej nocy samochód przy garażach.", "A van by it.")
    ]
    assert ["This seems to be in Polish." in page for page in pages] == [True, False]
    assert "This seems to be in" not in pages[1]
