"""Outcomes: proposed by one, approved by two others, released the day after, gone as soon as they do not hold."""

from collections.abc import Callable

import pytest
from django.db.models import Subquery
from django.utils import timezone

from newsroom.domain import editing, outcome_notice
from newsroom.models import Article
from reports.domain import enquiries
from reports.domain.errors import Refused
from reports.domain.figures import counting
from reports.domain.outcomes import public_results
from reports.domain.triage import relations
from reports.models import AuditEvent, Outcome, OutcomeStatus, Tally, Tip, Verdict
from tests.reports.domain.conftest import SENTENCE, maintained, tomorrow
from tests.reports.handing import newest_keys
from tests.reports.purging import purge

type Send = Callable[..., Tip]

TOLD = public_results.ReceiptOutcome(SENTENCE, "/news/a-story/", "A story")


def told(tip=None):
    """Return what each tip's receipt is told, or one tip's."""
    asked = Tip.objects.filter(pk=tip.pk) if tip else Tip.objects.all()
    return [
        public_results.from_row(found)
        for found in asked.values_list(Subquery(public_results.telling()), flat=True)
    ]


@pytest.mark.promise("results", name="never-alone")
def test_it_is_released_the_day_after_at_its_hour(approved):
    """An outcome is told only when its story is out, two others approved it and five tips belong to it."""
    assert maintained(now=timezone.localtime().replace(hour=23)) == "approved"
    assert maintained(now=tomorrow(hour=8)) == "approved"
    assert told() == [None] * 5
    assert maintained(now=tomorrow()) == "released"
    assert told() == [TOLD] * 5
    assert maintained(now=tomorrow(hour=10)) == "released"


def test_release_says_it_on_the_story_and_counts_it(released, article):
    article.refresh_from_db()
    assert (article.residents_least, article.residents_most, article.event) == (
        5,
        9,
        released.enquiry_id,
    )
    counted = Tally.objects.filter(measure="outcome", table="area", count=5).values_list(
        "cell", flat=True
    )
    assert list(counted) == ["olney"]
    assert AuditEvent.objects.filter(act="released-outcome", actor="system").count() == 1


def test_fewer_than_five_tips_release_nothing(approved, people):
    enquiries.unlink(tip=Tip.objects.all()[0], enquiry=approved.enquiry, by=people["caseworker"])
    assert maintained(now=tomorrow()) == "approved"
    with pytest.raises(Refused, match="fewer than 5 sources"):
        public_results.release(outcome=approved, now=tomorrow())


def test_five_tips_of_which_two_are_one_source_release_nothing_and_a_sixth_counts(
    approved, people, send
):
    tips, by = list(Tip.objects.all()), people["caseworker"]
    relations.judge(tip=tips[0], other=tips[1], verdict=Verdict.RELATED, by=by, keys=newest_keys())
    assert maintained(now=tomorrow()) == "approved"
    with pytest.raises(Refused, match="fewer than 5 sources"):
        public_results.release(outcome=approved, now=tomorrow())
    enquiries.link(tip=send(area="olney"), enquiry=approved.enquiry, by=by)
    public_results.release(outcome=approved, now=tomorrow())
    approved.refresh_from_db()
    assert (approved.repeated, told().count(TOLD)) == (1, 6)
    for tip in tips[:2]:  # the two go, with what a member judged of them
        purge(tip=tip)
    approved.refresh_from_db()
    assert (public_results.hindrances(outcome=approved), told().count(TOLD)) == ([], 4)
    enquiries.unlink(tip=tips[2], enquiry=approved.enquiry, by=by)
    approved.refresh_from_db()
    assert (approved.status, told()) == (OutcomeStatus.WITHDRAWN, [None] * 4)


@pytest.mark.parametrize("story", [{"status": "draft"}, {"publish_at": tomorrow(hour=23)}])
def test_a_story_that_is_not_out_releases_and_tells_nothing(approved, article, story):
    Article.objects.update(**story)
    assert public_results.hindrances(outcome=approved) == ["The story is not published."]
    assert maintained(now=tomorrow()) == "approved"
    Outcome.objects.update(article=None)  # it was discarded
    approved.refresh_from_db()
    assert public_results.hindrances(outcome=approved) == ["The story is not published."]


@pytest.mark.promise(
    "results",
    control="test_control_where_nobody_looks_at_the_story_it_is_told_on",
    name="never-alone",
)
def test_outcome_is_gone_at_once_when_its_story_is_withdrawn(released, article, people):
    """An outcome is gone at once when its story is withdrawn."""
    article.refresh_from_db()
    editing.withdraw(article=article, by=people["editor"], note="It was wrong.")
    assert told() == [None] * 5
    assert maintained(now=tomorrow(hour=10)) == "withdrawn"
    article.refresh_from_db()
    assert (article.residents_least, Outcome.objects.get().status) == (
        None,
        OutcomeStatus.WITHDRAWN,
    )


@pytest.mark.promise(
    "results", control="test_control_where_four_tips_are_enough_it_is_told_on", name="never-alone"
)
def test_outcome_is_gone_at_once_when_its_links_fall_under_five(released, article, people):
    """An outcome needs tips from five sources, and is gone at once when fewer belong to it."""
    enquiries.unlink(tip=Tip.objects.all()[0], enquiry=released.enquiry, by=people["caseworker"])
    article.refresh_from_db()
    assert (told(), article.residents_least) == ([None] * 5, None)
    assert Outcome.objects.get().status == OutcomeStatus.WITHDRAWN


def test_control_where_nobody_looks_at_the_story_it_is_told_on(
    released, article, people, monkeypatch
):
    monkeypatch.setattr(outcome_notice, "out", lambda at=None: Article.objects.all())
    article.refresh_from_db()
    editing.withdraw(article=article, by=people["editor"], note="It was wrong.")
    assert told() == [TOLD] * 5


def test_control_where_four_tips_are_enough_it_is_told_on(released, people, settings):
    settings.OUTCOME_LEAST = 4
    tip = Tip.objects.all()[0]
    enquiries.unlink(tip=tip, enquiry=released.enquiry, by=people["caseworker"])
    assert told().count(TOLD) == 4


def test_who_is_told_changes_with_the_enquirys_tips_while_five_remain(five, released, send, people):
    sixth = send(what="One more")
    assert told(sixth) == [None]
    enquiries.link(tip=sixth, enquiry=five, by=people["caseworker"])
    assert told(sixth) == [TOLD]
    enquiries.unlink(tip=sixth, enquiry=five, by=people["caseworker"])
    assert (told(sixth), told().count(TOLD)) == ([None], 5)
    first, second, *_ = Tip.objects.exclude(pk=sixth.pk)
    purge(tip=first)  # after its time, which takes nothing back
    released.refresh_from_db()
    assert (released.purged, public_results.hindrances(outcome=released), told().count(TOLD)) == (
        1,
        [],
        4,
    )
    Tip.objects.filter(pk=second.pk).update(
        malicious=True
    )  # who may mislead learns nothing, and makes up no five
    assert public_results.hindrances(outcome=released) == [
        "The tips in the enquiry come from fewer than 5 sources."
    ]
    assert told().count(TOLD) == 0


def test_withdrawing_takes_it_off_the_story_and_out_of_the_tallies(released, article, people):
    public_results.withdraw(outcome=released, by=people["team_lead"])
    article.refresh_from_db()
    assert (told(), article.residents_least, article.event) == ([None] * 5, None, None)
    assert not Tally.objects.filter(measure=counting.OUTCOME).exclude(count=0).exists()
    assert AuditEvent.objects.get(act="withdrew-outcome").actor == "lena"
