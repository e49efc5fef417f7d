"""Search over sealed tips: what a plain look through the clear texts finds, recorded, and nothing that is hidden."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.domain.audit import columns, findings
from reports.domain.errors import Refused
from reports.domain.search import scan, searching, snippets
from reports.domain.tips import digests, opening
from reports.domain.triage import triaging
from reports.models import AuditEvent, Recusal, Search, Tip
from reports.models.digests import KEPT_DAYS
from reports.sealing import receipts
from tests.reports.handing import rewrite
from tests.reports.telling import tell

pytestmark = pytest.mark.engine

type Send = Callable[..., Tip]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Read three digests at once."""
    monkeypatch.setattr(scan, "CHUNK", 3)


def references(found):
    return {hit.tip.reference for hit in found.hits}


def everything(words, by, keys):
    """Return all hits, page after page, as somebody who presses the button each time."""
    tips, found = [], searching.search(words=words, by=by, keys=keys)
    while True:
        tips += [hit.tip for hit in found.hits]
        if found.onward is None:
            return tips
        found = searching.search(words=words, by=by, keys=keys, after=found.onward)


def test_search_finds_words_wherever_they_stand_and_counts(opened, caseworker, keys):
    van = opened("A grey van.", people="Big Dave")
    opened("A red car.")
    found = searching.search(words="VAN dave", by=caseworker, keys=keys)
    assert references(found) == {van.reference}
    assert (found.count, found.searched, found.onward) == (1, 2, None)
    with pytest.raises(Refused, match="Type a word"):
        searching.search(words='"" !', by=caseworker, keys=keys)


def test_snippets_show_what_was_written_around_what_was_found(opened, caseworker, keys):
    opened(
        "x" * 100 + " at K X 2 1 V B N, " + "y" * 100, place="KX21VBN", contact_details="KX21VBN"
    )
    (hit,) = searching.search(words="kx21vbn", by=caseworker, keys=keys).hits
    assert [str(one.question) for one in hit.snippets] == [
        "What do you know?",
        "Address, or how to find it",
    ]
    assert [(piece.text[-6:], piece.is_match) for piece in hit.snippets[0].pieces] == [
        ("…", False),
        ("xx at ", False),
        ("VBN"[-3:] and "V B N"[-6:] and " V B N", True),
        ("yyyyy…", False),
    ]


def test_snippets_fill_the_room_near_ones_together_and_repeated_ones_once(opened, caseworker, keys):
    far = " " + "z " * 100
    opened(f"van near van{far}van{far}van{far}van")
    opened("the van the van", place="van", people="nobody")
    hits = searching.search(words="van", by=caseworker, keys=keys).hits
    counts = sorted(
        (len(hit.snippets), sum(piece.is_match for piece in hit.snippets[0].pieces)) for hit in hits
    )
    assert counts == [(2, 2), (3, 2)]
    follow_up = [{"what": "van"}, {"what": "van", "n": 1}]
    hits_in = partial(searching.query.hits, terms=searching.query.terms("van"))
    assert [len(one) for one in snippets.cut(follow_up, hits_in)] == [2]


def test_notes_and_our_newest_wording_are_found_under_their_headings(
    opened, caseworker, team_lead, keys
):
    tip = opened("A grey van.")

    def searched(words, by=caseworker):
        hits = searching.search(words=words, by=by, keys=keys).hits
        return [
            (str(each.question), "".join(piece.text for piece in each.pieces))
            for each in hits[0].snippets
        ]

    triaging.note(tip=tip, text="Deano is Dean Marsh?", by=caseworker)
    assert searched("marsh van") == [
        ("What do you know?", "A grey van."),
        ("Note by olu", "Deano is Dean Marsh?"),
    ]
    rewrite(tip, by=caseworker, keys=keys, text="A vehicle calls.")
    assert searched("vehicle") == [("Our wording, by olu", "A vehicle calls.")]
    rewrite(tip, by=caseworker, keys=keys, text="A lorry calls.")
    assert [
        searching.search(words=words, by=caseworker, keys=keys).count
        for words in ("vehicle", "lorry dean")
    ] == [
        0,
        1,
    ]
    assert findings.compare(columns.of_tips([tip]), proof=keys.audit_keys) == []
    Recusal.objects.create(tip=tip, user=caseworker, key_index=1, sealed=b"")
    hidden = searching.search(words="lorry", by=caseworker, keys=keys)
    assert (hidden.hits, hidden.searched) == ((), 0)
    assert searched("lorry", by=team_lead)  # the control


def test_follow_up_does_not_take_our_words_out_of_the_search(send, caseworker, keys):
    tip = tell("A van.", token=(token := receipts.new_token()))
    opening.open_new(by=caseworker, keys=keys)
    triaging.note(tip=tip, text="Dean Marsh?", by=caseworker)
    assert searching.search(words="marsh", by=caseworker, keys=keys).count == 1
    tell("A lorry.", token=token)
    opening.open_new(by=caseworker, keys=keys)
    assert searching.search(words="lorry van marsh", by=caseworker, keys=keys).count == 1


def test_filters_are_joined_from_the_rows(opened, caseworker, keys):
    olney, other = opened("A van.", area="olney"), opened("A van.", area="monkston")
    triaging.move(tip=olney, to="reading", by=caseworker)

    def found(**filters):
        return references(
            searching.search(
                words="van", by=caseworker, keys=keys, filters=searching.Filters(**filters)
            )
        )

    both = {olney.reference, other.reference}
    assert found() == both
    assert (
        found(area="olney")
        == found(status="reading")
        == found(status="reading", area="olney")
        == {olney.reference}
    )
    assert found(status="spam") == set()
    assert {
        str(hit.place) for hit in searching.search(words="van", by=caseworker, keys=keys).hits
    } == {
        "Olney",
        "Monkston",
    }


def test_what_is_encrypted_filters_too_with_or_without_words(opened, caseworker, team_lead, keys):
    polish = opened(
        "Każdej nocy samochód, i ktoś sprzedaje przy garażach.", danger="yes", police="yes"
    )
    child = opened(
        "A van comes every night to the garages.", under_18="on", danger="no", police="words"
    )
    silent = opened("A van.")
    unsure = opened("A gun.", danger="unsure", police="no")

    def found(words="", **filters):
        page = searching.search(
            words=words, by=caseworker, keys=keys, filters=searching.Filters(**filters)
        )
        return [hit.tip for hit in page.hits]

    assert {tip.pk for tip in found(danger=True)} == {polish.pk, unsure.pk}, (
        "who is not sure says that there may be"
    )
    assert found(language="pl") == found(police="yes") == found("samochód", danger=True) == [polish]
    assert found(under_18=True) == found("van", police="words") == found(language="en") == [child]
    assert found(police="unsaid") == found("van", police="unsaid") == [silent]
    assert (
        found("marmalade", danger=True) == found("van", police="no") == found(language="ur") == []
    )
    assert [
        hit.snippets
        for hit in searching.search(
            words="", by=caseworker, keys=keys, filters=searching.Filters(danger=True)
        ).hits
    ] == [(), ()]
    told = searching.words_of(rows=list(Search.objects.all()), by=team_lead, keys=keys).values()
    assert {
        "(danger yes or unsure)",
        "(under 18 yes)",
        "van (police words)",
        "(language pl)",
    } <= set(told)
    clear = str([list(model.objects.values()) for model in (AuditEvent, Search)])
    assert not any(word in clear for word in ("under_18", "under 18", "danger", "police"))
    Recusal.objects.create(tip=polish, user=caseworker, key_index=1, sealed=b"")
    assert found(danger=True) == [unsure]


def test_of_two_answers_about_the_police_the_more_careful_counts(send, caseworker, keys):
    token = receipts.new_token()
    for answer in ("yes", "no", "yes"):
        tell("A van.", token=token, police=answer)
        opening.open_new(by=caseworker, keys=keys)
    counts = {
        answer: searching.search(
            words="van", by=caseworker, keys=keys, filters=searching.Filters(police=answer)
        ).count
        for answer in searching.POLICE
    }
    assert counts == {"no": 1, "words": 0, "yes": 0, "unsaid": 0}


def test_what_nobody_can_have_chosen_is_no_fact():
    strange = {"danger": ["yes"], "police": "yes #under_18:yes", "under_18": ""}
    assert list(digests.facts(strange)) == []


def test_pages_show_each_tip_once_the_newest_first(opened, caseworker, keys, monkeypatch):
    monkeypatch.setattr(searching, "PAGE", 2)
    made = [opened(f"A van, number {number}.") for number in range(5)]
    for weeks, tip in enumerate(made):
        Tip.objects.filter(pk=tip.pk).update(received=tip.received - timedelta(weeks=weeks))
    assert everything("van", caseworker, keys) == made
    assert Search.objects.count() == 3  # one for each page
    first, last = (
        searching.search(words="van", by=caseworker, keys=keys, after=after) for after in (0, 4)
    )
    assert (first.count, first.onward, last.onward) == (5, 2, None)


def test_tips_that_are_set_at_end_are_searched_when_somebody_asks_for_them(
    opened, caseworker, team_lead, keys
):
    tip, at_end = opened("A van."), opened("A van.")
    Tip.objects.filter(pk=at_end.pk).update(at_end=True)
    without = searching.search(words="van", by=caseworker, keys=keys)
    assert (references(without), without.searched) == ({tip.reference}, 1)
    also = searching.search(
        words="van", by=caseworker, keys=keys, filters=searching.Filters(at_end=True)
    )
    assert references(also) == {tip.reference, at_end.reference}
    told = searching.words_of(rows=list(Search.objects.all()), by=team_lead, keys=keys)
    assert set(told.values()) == {"van", "van (end of the queue searched)"}
    Tip.objects.filter(pk=at_end.pk).update(unread=False)  # somebody has read it
    assert len(searching.search(words="van", by=caseworker, keys=keys).hits) == 2


def test_recused_tip_is_never_found_nor_counted(opened, caseworker, team_lead, keys):
    tip, other = opened("A van."), opened("A van.")
    Recusal.objects.create(tip=tip, user=caseworker, key_index=1, sealed=b"")
    assert references(searching.search(words="van", by=caseworker, keys=keys)) == {other.reference}
    assert not AuditEvent.objects.filter(act="glimpsed", subject=tip.reference).exists()
    assert references(searching.search(words="van", by=team_lead, keys=keys)) == {
        tip.reference,
        other.reference,
    }  # the control


@pytest.mark.promise("team", name="reading-recorded")
def test_search_is_recorded_with_its_words_sealed_and_each_snippet_as_a_glimpse(
    opened, caseworker, keys
):
    """Each search is recorded with its words sealed, each tip that it shows as glimpsed, before anything is shown."""
    tips = {opened("A marmalade van.").reference, opened("A marmalade car.").reference}
    searching.search(
        words="marmalade", by=caseworker, keys=keys, filters=searching.Filters(area="olney")
    )
    searching.search(words="marmalade", by=caseworker, keys=keys)
    row = Search.objects.first()
    assert row is not None
    events = list(AuditEvent.objects.order_by("-seq").values_list("act", "subject")[:3])
    assert events[2] == ("searched", str(row.pk))
    assert set(events[:2]) == {("glimpsed", tip) for tip in tips}
    clear = str([list(model.objects.values()) for model in (AuditEvent, Search)])
    assert "marmalade" not in clear
    assert "olney" not in clear


def test_team_leads_read_the_words_after_that_is_recorded(opened, caseworker, team_lead, keys):
    searching.search(
        words="grey van", by=caseworker, keys=keys, filters=searching.Filters(area="olney")
    )
    searching.search(words="van", by=caseworker, keys=keys)
    rows = list(Search.objects.all())
    told = searching.words_of(rows=rows, by=team_lead, keys=keys)
    assert [told[row.pk] for row in rows] == ["van", "grey van (area olney)"]
    assert AuditEvent.objects.filter(act="read-search").count() == 2
    with pytest.raises(Refused):
        searching.words_of(rows=rows, by=caseworker, keys=keys)
    Search.objects.update(sealed=b"")
    assert (
        "cannot be unlocked"
        in searching.words_of(rows=[Search.objects.all()[0]], by=team_lead, keys=keys)[rows[0].pk]
    )
    assert searching.words_of(rows=[], by=team_lead, keys=keys) == {}


def test_words_are_forgotten_after_half_a_year(caseworker, keys):
    searching.search(words="van", by=caseworker, keys=keys)
    day = timezone.localdate() + timedelta(days=KEPT_DAYS)
    assert searching.forget_old(today=day) == 0
    assert searching.forget_old(today=day + timedelta(days=1)) == 1
    assert AuditEvent.objects.filter(act="searched").count() == 1


def test_long_right_to_left_decorated_and_disguised_texts_are_found(opened, caseworker, keys):
    found = {
        "ordinary words " * 6_600 + "marmalade KX21 VBN": ("marmalade", "kx21vbn"),
        "\u202bوان رمادي قرب المرآب\u202c": ("رمادي",),
        "\U0001f697\U0001f697 lorry \U0001f697": ("lorry",),
        "the gr\u200bey v\u200ban": ('"grey van"',),
        "\u041a\u042522 V\u0412N": ("KX22 VBN",),
    }
    for what, searches in found.items():
        tip = opened(what)
        for words in searches:
            (hit,) = searching.search(words=words, by=caseworker, keys=keys).hits
            assert (
                hit.tip,
                any(piece.is_match for one in hit.snippets for piece in one.pieces),
            ) == (tip, True), words


WORDS = st.sampled_from(["red", "van", "the", "redder", "vandal", "at", "night", "KX21VBN"])
TYPED = ["red", "red van", '"red van"', "re* night", '"the red" van*', "kx21vbn", "van*"]
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=7)


def plainly(text, typed):
    """Say by regular expressions over the clear text whether it holds all that was typed."""
    patterns = [
        re.escape(part.strip('"').rstrip("*")) + (r"\w*" if part.endswith("*") else "")
        for part in re.findall(r'"[^"]*"|\S+', typed)
    ]
    return all(re.search(rf"\b{pattern}\b", text, re.IGNORECASE) for pattern in patterns)


@pytest.mark.promise("team")
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS, typed=st.sampled_from(TYPED))
def test_search_finds_what_a_plain_look_through_the_clear_texts_finds(
    texts, typed, opened, caseworker, keys
):
    """Search finds what a plain look through the clear texts finds."""
    Tip.objects.all().delete()
    clear = {opened(text).reference: text for text in texts}
    found = {tip.reference for tip in everything(typed, caseworker, keys)}
    assert found == {reference for reference, text in clear.items() if plainly(text, typed)}
