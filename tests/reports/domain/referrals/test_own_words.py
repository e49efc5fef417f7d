"""The tip in our own words: what could show who sent it is asked about, and keeps it from leaving until answered."""

from dataclasses import replace

import pytest

from reports.domain.audit import staleness
from reports.domain.errors import EditConflict, Refused
from reports.domain.referrals import contents, leaks, own_words, police_referrals
from reports.models import AuditEvent, Wording
from reports.sealing import receipts
from tests.reports import telling

TIP = (
    "I live opposite. A grey van comes to the garages every night at nine. Call me on 07700 900123."
)
DETAILS = {
    "contact": "details",
    "contact_details": "Marzena, 07700 900123",
    "numbers": "he sells on 07700 900456",
}


@pytest.fixture
def detailed(send):
    return send(TIP, **DETAILS)


@pytest.fixture
def save(detailed, caseworker, keys):
    """Return a function that saves the text and returns what stands then."""

    def saved(text="A van calls at the garages nightly.", *, by=caseworker, seen=None, **changed):
        number = staleness.now() if seen is None else seen
        given = {"removed": "", "contact": "", "stays": {}, "position": 1} | changed
        own_words.save(tip=detailed, text=text, **given, seen=number, by=by, keys=keys)
        return own_words.latest(tip=detailed, keys=keys)

    return saved


def test_text_is_sealed_by_its_own_author_version_by_version(detailed, save, team_lead):
    save(removed="How they know it.\r\nWho they are.")
    wording = save("A vehicle stops there each night.", by=team_lead)
    assert (wording.text, wording.removed, wording.author, wording.version) == (
        "A vehicle stops there each night.",
        "",
        "lena",
        2,
    )
    assert list(Wording.objects.values_list("version", "author")) == [(1, "olu"), (2, "lena")]
    assert not any(b"garages" in bytes(row.sealed) for row in Wording.objects.all())
    assert AuditEvent.objects.filter(act="saved-wording", subject=detailed.reference).count() == 2


@pytest.mark.promise("police")
def test_what_could_show_the_sender_keeps_it_from_leaving_until_it_is_answered(save):
    """What could show the sender keeps a tip here until it is answered."""
    wording = save("The sender lives opposite me, by my neighbour.")
    assert [one.leak.quote for one in wording.open] == ["opposite me", "my neighbour"]
    stays = {one.leak.key: " It is what the shop is called. " for one in wording.reviewed}
    answered = save("The sender lives opposite me, by my neighbour.", stays=stays)
    assert answered.open == ()
    assert {one.because for one in answered.reviewed} == {"It is what the shop is called."}


def test_answer_goes_on_while_the_words_do_and_ends_with_them(save):
    (asked,) = save("By my neighbour.").reviewed
    save("By my neighbour.", stays={asked.leak.key: "A shop's name."})
    assert save("It is by my neighbour, they say.").open == ()
    save("It is by the shop.")
    assert len(save("By my neighbour.").open) == 1


@pytest.mark.promise("police")
def test_senders_own_number_cannot_stay_whatever_is_answered(save):
    """The sender's own number cannot stay, whatever is answered."""
    (asked,) = save("Key file 0044 7700 900123.").open
    assert asked.leak == leaks.Leak("0044 7700 900123", "contact", leaks.CALLED, barred=True)
    assert len(save("Key file 0044 7700 900123.", stays={asked.leak.key: "I want it."}).open) == 1


@pytest.mark.parametrize("box", ["text", "removed"])
def test_words_of_the_contact_details_are_on_record_as_who_guesses_is_told_them(
    detailed, save, box
):
    def recorded():
        events = AuditEvent.objects.filter(act="matched-contact", subject=detailed.reference)
        return list(events.order_by("seq").values_list("actor", "detail"))

    save(**{box: "Agnes, Bertha, Cecily saw it."})
    assert recorded() == []  # the control
    wording = save(**{box: "Agnes, Marzena, 07700 900123 or 07700 900124 saw it."})
    assert [one.leak.quote for one in wording.reviewed if one.leak.kind == "contact"] == [
        "07700 900123",
        "Marzena",
    ]
    assert recorded() == [("olu", {"count": 2})]
    with pytest.raises(EditConflict):
        save(**{box: "Marzena saw it."}, seen=1)
    assert len(recorded()) == 1, "who is told nothing guesses nothing"


def test_contact_has_a_field_of_its_own_and_is_not_asked_about_there(save):
    wording = save(contact="Marzena, 07700 900123")
    assert (wording.contact, wording.reviewed) == ("Marzena, 07700 900123", ())


def test_what_the_sender_adds_later_counts(caseworker, passphrase, keys):
    token = receipts.new_token()
    for answers in ({"what": "A van."}, {"what": "A van.", "contact_details": "Marzena"}):
        tip = telling.tell(token=token, **answers)
        if not Wording.objects.exists():
            words = {
                "text": "Marzena has a van.",
                "removed": "",
                "contact": "",
                "stays": {},
                "position": 1,
            }
            own_words.save(tip=tip, **words, seen=0, by=caseworker, keys=keys)
            assert own_words.latest(tip=tip, keys=keys).reviewed == ()
    assert [one.leak.quote for one in own_words.latest(tip=tip, keys=keys).open] == ["Marzena"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": " \r\n "}, "Write our wording before you save it."),
        (
            {"text": "x" * 20_001},
            "“Our wording” is too long: 20,001 characters. The limit is 20,000. Make it shorter.",
        ),
        (
            {"removed": "x" * 20_001},
            "“What was left out” is too long: 20,001 characters. The limit is 20,000. Make it shorter.",
        ),
        (
            {"contact": "x" * 501},
            "“Contact details” is too long: 501 characters. The limit is 500. Make it shorter.",
        ),
        (
            {"stays": {"a": "x" * 501}},
            "“Reason” is too long: 501 characters. The limit is 500. Make it shorter.",
        ),
    ],
)
def test_text_that_cannot_be_saved_is_refused(save, changed, said):
    with pytest.raises(Refused) as refusal:
        save(**changed)
    assert str(refusal.value) == said
    assert not Wording.objects.exists()


def test_text_over_a_newer_one_is_refused_whoever_saved_that(save, team_lead, caseworker):
    before = staleness.now()
    save()
    for by in (team_lead, caseworker):
        with pytest.raises(EditConflict, match="olu has changed this since you opened it"):
            save("Another text.", by=by, seen=before)
    assert Wording.objects.count() == 1


def test_text_with_more_than_thirty_of_them_stays_open_until_the_last_is_answered(
    detailed, save, caseworker, keys
):
    phones = " ".join(f"07700 900{number:03d}," for number in range(31))
    text = f"He rings these: {phones} I live next door at number 9 and my name is Ada. My sister buys from him."
    asked = save(text)
    assert (len(asked.questions), len(asked.open), asked.open_later) == (30, 34, 4)
    answered = save(text, stays={one.leak.key: "a buyer's number" for one in asked.questions})
    draft = police_referrals.draft(tips=[detailed], by=caseworker, keys=keys)
    (problem,) = [
        one
        for one in contents.content(referral=draft, keys=keys).hindrances
        if "show who sent it" in one
    ]
    assert problem.startswith(detailed.reference)
    assert answered.questions[: len(answered.open)] == answered.open, "the unanswered first"
    assert {"near", "name", "kin"} <= {one.leak.kind for one in answered.open}
    assert (
        save(text, stays={one.leak.key: "a buyer's number" for one in answered.questions}).open
        == ()
    )


def test_a_places_headings_begin_our_wording_and_are_nobodys_words(detailed, save, settings):
    settings.PLACE = replace(settings.PLACE, headings=("Who", "A grey van comes to the"))
    assert own_words.begun() == "Who: \nA grey van comes to the: "
    with pytest.raises(Refused, match="Write our wording"):
        save(own_words.begun())
    wording = save("Who: \nA grey van comes to the: garages. One vehicle, after dark.")
    assert wording.text == "A grey van comes to the: garages. One vehicle, after dark.", (
        "an empty line goes"
    )
    assert wording.quotes == ()
    assert save("A grey van comes to the garages every night at nine.").quotes, "the control"
