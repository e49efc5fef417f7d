"""A tip's translation: sealed version by version, searched, and its language in place of the guess."""

from collections.abc import Callable

import pytest

from reports.domain.audit import staleness
from reports.domain.errors import EditConflict, Refused
from reports.domain.referrals import own_words, translation
from reports.domain.search import searching
from reports.domain.tips import opening, recusal
from reports.models import AuditEvent, Digest, Translation
from reports.sealing import receipts
from tests.reports.handing import approved, keyholder, make_ready, newest_keys, rewrite
from tests.reports.telling import tell

POLISH = "Każdej nocy samochód, i ktoś sprzedaje przy garażach."
ENGLISH = "Every night a car comes, and somebody sells by the garages."

type Translate = Callable[..., Translation]


@pytest.fixture
def polish(opened):
    """Return an opened tip in Polish."""
    return opened(POLISH, police="words")


@pytest.fixture
def translate(polish, caseworker):
    """Return a function that saves a translation of it."""

    def saved(text=ENGLISH, language="pl", *, by=caseworker, seen=None):
        number = staleness.now() if seen is None else seen
        return translation.translate(tip=polish, language=language, text=text, seen=number, by=by)

    return saved


def test_language_and_text_are_sealed_version_by_version_and_the_log_has_neither(
    polish, translate, team_lead, keys
):
    translate()
    translate("A car comes.\r\n", "uk", by=team_lead)
    latest = translation.latest(tip=polish, keys=keys)
    assert (latest.language, latest.text, latest.version, latest.author) == (
        "uk",
        "A car comes.",
        2,
        "lena",
    )
    assert not any(
        word in bytes(row.sealed)
        for row in Translation.objects.all()
        for word in (b"garages", b"language")
    )
    events = AuditEvent.objects.filter(subject=polish.reference, act="translated").order_by("seq")
    assert list(events.values_list("actor", "detail")) == [
        ("olu", {"version": 1}),
        ("lena", {"version": 2}),
    ]


def test_search_finds_a_translation_by_its_words_and_its_corrected_language(
    polish, translate, caseworker, keys
):
    def find(words="", language=""):
        filters = searching.Filters(language=language)
        return list(searching.search(words=words, by=caseworker, keys=keys, filters=filters).hits)

    assert [len(find("sells")), len(find(language="pl"))] == [0, 1]
    translate(language="uk")
    assert not Digest.objects.filter(tip=polish).exists()
    (hit,) = find("sells garages")
    assert {snippet.question for snippet in hit.snippets} == {"Translation by olu"}
    assert [len(find(language=code)) for code in ("pl", "uk")] == [0, 1]
    translate(text="", language="")
    assert [len(find("sells")), len(find(language="uk")), len(find("samochód"))] == [0, 0, 1]


def test_what_the_sender_adds_later_brings_no_guess_back(caseworker, keys):
    tip = tell(POLISH, token=(token := receipts.new_token()))
    opening.open_new(by=caseworker, keys=keys)
    translation.translate(tip=tip, language="uk", text="", seen=0, by=caseworker)
    opening.digest_anew(tips=[tip.pk], keys=keys)
    tell(f"{POLISH} Teraz są dwa samochody.", token=token)
    opening.open_new(by=caseworker, keys=keys)
    for code, count in (("uk", 1), ("pl", 0)):
        filters = searching.Filters(language=code)
        assert (
            searching.search(words="teraz", by=caseworker, keys=keys, filters=filters).count
            == count
        )


def test_our_wording_may_not_quote_a_translation_if_only_our_words_may_go(
    polish, translate, caseworker, keys
):
    make_ready(polish, by=caseworker, keys=keys, text=ENGLISH)
    assert own_words.latest(tip=polish, keys=keys).quotes == ()
    translate()
    assert own_words.latest(tip=polish, keys=keys).quotes == (ENGLISH.rstrip("."),)
    rewrite(polish, by=caseworker, keys=keys, text="Sales at night from a vehicle.")
    assert own_words.latest(tip=polish, keys=keys).quotes == ()


def test_approvals_of_a_referral_that_holds_the_tip_stay(
    polish, translate, caseworker, team_lead, keys
):
    make_ready(polish, by=caseworker, keys=keys)
    referral = approved(polish, by=caseworker, second=keyholder(team_lead), keys=keys)
    translate()
    referral.refresh_from_db()
    assert (referral.status, referral.approvals.count()) == ("approved", 2)


@pytest.mark.parametrize(
    ("text", "language", "refusal"),
    [
        (
            "x" * 20_001,
            "pl",
            "“Translation” is too long: 20,001 characters. The limit is 20,000. Make it shorter.",
        ),
        ("A car.", "xx", "Choose a language from the list."),
    ],
)
def test_translation_that_cannot_be_saved_is_refused(translate, text, language, refusal):
    with pytest.raises(Refused) as refused:
        translate(text, language)
    assert str(refused.value) == refusal
    assert not Translation.objects.exists()


def test_translation_over_a_newer_one_and_of_a_hidden_tip_is_refused(
    polish, translate, team_lead, caseworker
):
    before = staleness.now()
    translate()
    for by in (team_lead, caseworker):
        with pytest.raises(EditConflict, match="olu has changed this since you opened it"):
            translate("Another.", by=by, seen=before)
    keyholder(team_lead)
    recusal.recuse(tip=polish, by=caseworker, reason="My cousin.", keys=newest_keys())
    with pytest.raises(Refused):
        translate("Another.")
    assert Translation.objects.count() == 1
