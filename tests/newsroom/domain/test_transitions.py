from datetime import timedelta

import pytest
from django.utils import timezone

from core import transitions
from core.errors import NoSuchMove
from newsroom.domain import editing
from newsroom.domain.editing import TRANSITIONS, Status
from newsroom.models import Article
from tests.newsroom.articles import make_article
from tests.newsroom.editors import CALLS, VERBS, in_state

pytestmark = pytest.mark.django_db


def test_transitions_are_total():
    assert set(TRANSITIONS) == set(Status)
    assert {after for moves in TRANSITIONS.values() for after in moves.values()} <= set(Status)
    assert set(CALLS) == VERBS
    reached = {Status.DRAFT}
    while more := {after for state in reached for after in TRANSITIONS[state].values()} - reached:
        reached |= more
    assert reached == set(Status)


@pytest.mark.parametrize("verb", sorted(VERBS))
@pytest.mark.parametrize("state", list(Status))
def test_each_verb_moves_the_article_or_is_refused_and_changes_nothing(state, verb, ed):
    article = in_state(state)
    before = list(Article.objects.values())
    if verb in TRANSITIONS[state]:
        CALLS[verb](article, ed)
        after = [] if verb == "discard" else [TRANSITIONS[state][verb]]
        assert [editing.state(row) for row in Article.objects.all()] == after
    else:
        with pytest.raises(NoSuchMove) as refused:
            CALLS[verb](article, ed)
        assert str(refused.value) == f"You cannot do this while the status is “{state.label}”."
        assert list(Article.objects.values()) == before


@pytest.mark.parametrize("status", ["scheduled", "published"])
def test_state_follows_the_time_and_not_the_word(status):
    now = timezone.now()
    article = make_article(status=status, publish_at=now)
    assert editing.state(article, at=now) == Status.PUBLISHED
    assert editing.state(article, at=now - timedelta(seconds=1)) == Status.SCHEDULED


def test_a_row_is_locked_only_in_the_status_in_which_it_was_read():
    seen = make_article()
    assert transitions.locked(seen) == seen
    Article.objects.filter(pk=seen.pk).update(status=Status.WITHDRAWN)
    with pytest.raises(NoSuchMove, match="Another team member has changed this"):
        transitions.locked(seen)
    Article.objects.filter(pk=seen.pk).delete()
    with pytest.raises(NoSuchMove, match="Another team member has changed this"):
        transitions.locked(seen)
