"""Tips that name the same house are found like those that name the same plate, and counted on the tip's page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from reports.domain.errors import Hidden
from reports.domain.search import matching, searching
from reports.domain.tips import opening
from reports.models import AuditEvent, Digest, Recusal, Tip, digests

type Send = Callable[..., Tip]


@pytest.fixture
def matched(caseworker, keys):
    """Return a function that opens what is new and returns the references of a tip's relatives."""

    def references(tip):
        opening.open_new(by=caseworker, keys=keys)
        found = matching.related(tip=tip, by=caseworker, keys=keys)
        return [match.tip.reference for match in found.matches]

    return references


def test_same_house_is_found_however_it_is_written(send, matched, caseworker, keys):
    tip, others = (
        send("They deal at 22 Ashfield Cres."),
        [send("no 22, ashfield crescent", place="Fishermead")],
    )
    others.append(send("A grey van.", place="22 Ashfield Crescent, Fishermead"))
    send("23 Ashfield Crescent.")
    send("22 Ashfield Road.")
    assert set(matched(tip)) == {other.reference for other in others}
    (match, *_more) = matching.related(tip=tip, by=caseworker, keys=keys).matches
    assert [(reason.kind, reason.written) for reason in match.reasons] == [
        ("the house", "22 Ashfield Cres")
    ]
    assert any(piece.is_match for snippet in match.snippets for piece in snippet.pieces)


@pytest.mark.parametrize(
    ("one", "another", "is_same"),
    [
        ("Flat 1, 7 Kirkstall Place", "flat 1 7 Kirkstall Pl", True),
        ("Flat 1, 7 Kirkstall Place", "at 7 Kirkstall Place", True),
        ("at 7 Kirkstall Place", "Flat 1, 7 Kirkstall Place", True),
        ("Flat 1, 7 Kirkstall Place", "Flat 2, 7 Kirkstall Place", False),
        ("6 High Street, Olney", "6 High St, Stony Stratford", False),
        ("6 High Street, Olney", "6 High St", True),
        ("6 High Street, Olney", "6 High St, Lavendon", True),  # an estate of the same area
        ("6 High Street, Olney", "6 High St, Davey sells there", True),
        ("6 High Street, Olney, and 6 High Street", "6 High St, Wolverton", False),
        ("30/32 Mill Lane", "30/32 mill ln", True),
    ],
)
def test_flats_and_areas_tell_houses_apart_only_where_both_are_given(
    send, matched, one, another, is_same
):
    tip, other = send(one), send(another)
    assert matched(tip) == ([other.reference] if is_same else [])


def test_search_finds_a_house_in_another_spelling(send, caseworker, keys):
    tip, flat = (
        send("They deal at 22 Ashfield Crescent, Fishermead."),
        send("Flat 1, 7 Kirkstall Place"),
    )
    opening.open_new(by=caseworker, keys=keys)
    for words, expected in {
        "22 ashfield cres": [tip],
        "22 Ashfield Cres, Fishermead": [tip],
        "7 Kirkstall Pl": [flat],
        "Flat 2, 7 Kirkstall Pl": [],
    }.items():
        found = searching.search(words=words, by=caseworker, keys=keys)
        assert [hit.tip for hit in found.hits] == expected, words


def test_digests_of_another_version_are_made_again(send, matched, caseworker, keys, monkeypatch):
    tip, other = send("22 Ashfield Cres."), send("22 Ashfield Crescent")
    with monkeypatch.context() as before:
        before.setattr(digests, "VERSION", digests.VERSION - 1)
        opening.open_new(by=caseworker, keys=keys)
    stored = {row.pk: bytes(row.sealed) for row in Digest.objects.all()}
    assert matched(tip) == [other.reference]
    again = Digest.objects.get(pk=other.pk)
    assert bytes(again.sealed) != stored[other.pk]


def test_tips_that_name_the_same_are_counted_by_week_without_a_record_of_them(
    send, caseworker, keys
):
    tip = send("At 22 Ashfield Cres, AB12 CDE.")
    others = [send("22 Ashfield Crescent") for _ in range(5)] + [send("ab12cde")]
    opening.open_new(by=caseworker, keys=keys)
    today = timezone.localdate()
    this_week = today - timedelta(days=today.weekday())
    for other, weeks in zip(others[:4], (1, 2, 3, 30), strict=True):
        Tip.objects.filter(pk=other.pk).update(received=this_week - timedelta(weeks=weeks))
    before = AuditEvent.objects.count()
    same = matching.same(tip=tip, by=caseworker, keys=keys, today=today)
    assert same == [matching.Same("house", 5, 1, 2), matching.Same("number plate", 1, 1, 0)]
    assert AuditEvent.objects.count() == before
    Recusal.objects.create(tip=others[4], user=caseworker, key_index=1, sealed=b"")
    assert matching.same(tip=tip, by=caseworker, keys=keys, today=today)[0] == matching.Same(
        "house", 4, 0, 2
    )
    with pytest.raises(Hidden):
        matching.same(tip=others[4], by=caseworker, keys=keys, today=today)
