"""Related tips: what members say of two tips, sealed reasons, and how many sources stand behind several."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from reports.domain.errors import Hidden, Refused
from reports.domain.triage import relations
from reports.models import Recusal, Relation, Status, Tip, Verdict
from tests.reports.acts import acts
from tests.reports.handing import newest_keys
from tests.reports.purging import purge

type Send = Callable[..., Tip]
SAME, OWN, NOT = Verdict.RELATED, Verdict.INDEPENDENT, Verdict.DISMISSED
WHY = "One is a teacher, the other a neighbour; neither knows the other."


@pytest.fixture
def tips(send):
    """Return five tips."""
    return [send(f"Tip {number}.") for number in range(5)]


def test_judge_is_recorded_on_both_and_the_reason_is_sealed(tips, caseworker, keys):
    first, second, *_ = tips
    row = relations.judge(
        tip=first, other=second, verdict=SAME, reason=f" {WHY}\r\n", by=caseworker, keys=keys
    )
    assert (row.low.pk < row.high.pk, row.verdict, row.author) == (True, "related", "olu")
    assert (row.other(first), row.other(second)) == (second, first)
    assert acts(first) == acts(second) == ["related"]
    assert b"teacher" not in bytes(Relation.objects.get().sealed)
    assert relations.reasons(relations=[row], keys=keys) == {row.pk: WHY}


def test_judge_again_takes_the_place_of_what_was_said(tips, caseworker, team_lead, keys):
    first, second, *_ = tips
    relations.judge(tip=first, other=second, verdict=SAME, by=caseworker, keys=keys)
    relations.judge(tip=second, other=first, verdict=NOT, by=team_lead, keys=keys)
    row = Relation.objects.get()
    assert (row.verdict, row.author, acts(first)) == ("dismissed", "lena", ["related", "dismissed"])
    assert relations.reasons(relations=[row], keys=keys) == {row.pk: ""}
    assert relations.judged(tip=first, by=caseworker) == {second.pk: row}
    row.verdict = SAME  # as somebody who writes the database could change it
    assert "cannot be unlocked" in relations.reasons(relations=[row], keys=keys)[row.pk]


def test_judge_refuses_what_makes_no_sense(tips, caseworker):
    first, second, third, *_ = tips
    for other, verdict in ((second, "nonsense"), (first, SAME)):
        with pytest.raises(Refused, match="Say whether"):
            relations.judge(
                tip=first, other=other, verdict=verdict, by=caseworker, keys=newest_keys()
            )
    with pytest.raises(Refused, match="Write why"):
        relations.judge(
            tip=first, other=second, verdict=OWN, reason=" ", by=caseworker, keys=newest_keys()
        )
    with pytest.raises(Refused, match="too long: 2,001"):
        relations.judge(
            tip=first,
            other=second,
            verdict=SAME,
            reason="x" * 2001,
            by=caseworker,
            keys=newest_keys(),
        )
    purge(tip=Tip.objects.get(pk=third.pk))
    with pytest.raises(Refused, match="deleted since then"):
        relations.judge(tip=first, other=third, verdict=SAME, by=caseworker, keys=newest_keys())
    assert not Relation.objects.exists()


@pytest.mark.promise("team")
def test_related_tips_count_as_one_source_until_an_caseworker_records_why_not(tips, caseworker):
    """Related tips count as one source until a caseworker records why not."""
    a, b, c, d, _ = tips
    for one, other in ((a, b), (b, c), (c, d)):
        relations.judge(tip=one, other=other, verdict=SAME, by=caseworker, keys=newest_keys())
    relations.judge(
        tip=a, other=d, verdict=NOT, by=caseworker, keys=newest_keys()
    )  # counts for nothing: they hang together all the same
    assert relations.sources(tips=tips, by=caseworker).most == 2
    for other in (a, c):
        relations.judge(
            tip=b, other=other, verdict=OWN, reason=WHY, by=caseworker, keys=newest_keys()
        )
    assert (
        relations.sources(tips=tips, by=caseworker).most == 4
    )  # c with d is the only pair that is left
    assert acts(b) == ["related", "related", "independent", "independent"]


def test_two_tips_are_one_source_through_a_third(tips, caseworker):
    for one, other in pairwise(tips):
        relations.judge(tip=one, other=other, verdict=SAME, by=caseworker, keys=newest_keys())
    assert relations.sources(tips=[tips[0], tips[2]], by=caseworker).most == 1
    assert relations.sources(tips=[], by=caseworker).most == 0


def test_sources_are_compared_once_a_member_has_judged_a_pair_of_each_two(tips, caseworker):
    a, b, c, d, _e = tips
    assert relations.sources(tips=[a], by=caseworker).compared
    assert not relations.sources(tips=[a, b], by=caseworker).compared
    relations.judge(tip=a, other=b, verdict=SAME, by=caseworker, keys=newest_keys())
    assert relations.sources(tips=[a, b], by=caseworker).compared, "they are one source"
    relations.judge(tip=b, other=c, verdict=OWN, by=caseworker, reason=WHY, keys=newest_keys())
    assert relations.sources(tips=[a, c], by=caseworker).compared, (
        "through one that is the same source as the first"
    )
    assert not relations.sources(tips=[a, c, d], by=caseworker).compared
    for other in (a, c):
        relations.judge(tip=d, other=other, verdict=NOT, by=caseworker, keys=newest_keys())
    assert relations.sources(tips=[a, b, c, d], by=caseworker).compared


@pytest.mark.parametrize("changes", [{"status": Status.SPAM}, {"malicious": True}])
def test_what_nobody_trusts_is_no_source_and_needs_no_comparison(tips, caseworker, changes):
    a, b, c, *_rest = tips
    for other in (b, c):
        relations.judge(tip=a, other=other, verdict=SAME, by=caseworker, keys=newest_keys())
    Tip.objects.filter(pk=a.pk).update(**changes)
    assert relations.sources(tips=[a, b, c], by=caseworker).most == 2, "nor does it join the others"
    assert relations.sources(tips=[a], by=caseworker).most == 0
    assert relations.sources(tips=[a, b], by=caseworker).compared
    assert not relations.sources(tips=[b, c], by=caseworker).compared


def test_recused_member_sees_and_says_nothing_of_a_tips_relations(tips, caseworker, team_lead):
    a, b, c, d, e = tips
    for one, other in ((d, a), (a, b), (b, c), (c, e)):
        relations.judge(tip=one, other=other, verdict=SAME, by=caseworker, keys=newest_keys())
    Recusal.objects.create(
        tip=b, user=caseworker, key_index=1, sealed=b""
    )  # and so a and c are hidden, too
    assert relations.judged(tip=d, by=caseworker) == {}
    assert relations.sources(tips=[d, e], by=caseworker).most == 2
    assert relations.sources(tips=[d, e], by=team_lead).most == 1  # the control
    verbs = [
        lambda: relations.judge(tip=a, other=b, verdict=NOT, by=caseworker, keys=newest_keys()),
        lambda: relations.judge(tip=b, other=a, verdict=NOT, by=caseworker, keys=newest_keys()),
        lambda: relations.judge(tip=a, other=d, verdict=NOT, by=caseworker, keys=newest_keys()),
    ]
    for verb in verbs:
        with pytest.raises(Hidden):
            verb()
