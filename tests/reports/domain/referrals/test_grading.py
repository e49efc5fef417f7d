"""Suggested grading: 3x5x2, sealed, versioned by author, and nothing decided by a machine."""

import pytest

from reports.domain.audit import staleness
from reports.domain.errors import Refused
from reports.domain.keys import sealed
from reports.domain.referrals import grading
from reports.models import AuditEvent, Grading

FULL = {"source": "2", "information": "C", "handling": "P", "conditions": ""}


def test_a_web_tip_is_untested_and_its_letter_is_blank_until_a_person_decides(send, keys):
    assert grading.latest(tip=send(source="saw"), keys=keys) == grading.Grade(
        source="2", information="", handling=""
    )


def test_grade_is_sealed_and_each_version_has_its_author(send, keys, caseworker, team_lead):
    tip = send()
    grading.grade(tip=tip, **FULL, seen=0, by=caseworker, keys=keys)
    conditional = FULL | {"information": "", "handling": "C", "conditions": "Not to the landlord."}
    grading.grade(tip=tip, **conditional, seen=staleness.now(), by=team_lead, keys=keys)
    latest = grading.latest(tip=tip, keys=keys)
    assert latest == grading.Grade("2", "", "C", "Not to the landlord.", 2, "lena")
    assert not latest.complete
    rows = list(Grading.objects.values_list("version", "author"))
    assert rows == [(1, "olu"), (2, "lena")]
    assert not any(b"landlord" in bytes(row.sealed) for row in Grading.objects.all())
    events = (
        AuditEvent.objects.filter(act="graded")
        .order_by("seq")
        .values_list("actor", "subject", "detail")
    )
    assert list(events) == [
        ("olu", tip.reference, {"version": 1}),
        ("lena", tip.reference, {"version": 2}),
    ]


@pytest.mark.parametrize("changed", [{}, {"source": "9"}, {"information": "9"}, {"handling": "9"}])
def test_codes_that_there_are_not_decide_nothing(send, keys, caseworker, changed):
    tip = send()
    row = grading.grade(tip=tip, **FULL, seen=0, by=caseworker, keys=keys)
    sealed.fill(row, FULL | changed)  # as who writes to the database can
    row.save()
    assert grading.latest(tip=tip, keys=keys).complete is not bool(changed)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"source": "4"}, "Choose a source, a letter and a handling code from the lists."),
        ({"information": "F"}, "Choose a source, a letter and a handling code from the lists."),
        ({"handling": "X"}, "Choose a source, a letter and a handling code from the lists."),
        (
            {"handling": "C"},
            "Write the conditions for sharing it, because you chose handling code C.",
        ),
        (
            {"conditions": "None."},
            "Only handling code C has conditions. Choose C, or remove the conditions.",
        ),
        (
            {"handling": "C", "conditions": "x" * 2001},
            "“Conditions” is too long: 2,001 characters. The limit is 2,000. Make it shorter.",
        ),
    ],
)
def test_grade_that_makes_no_sense_is_refused(send, keys, caseworker, changed, said):
    with pytest.raises(Refused) as refusal:
        grading.grade(tip=send(), **(FULL | changed), seen=0, by=caseworker, keys=keys)
    assert str(refusal.value) == said
    assert not Grading.objects.exists()
