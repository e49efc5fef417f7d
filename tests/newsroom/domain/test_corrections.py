from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from newsroom.domain import editing
from newsroom.domain.editing import Status
from newsroom.models import Article, Correction
from tests.newsroom.editors import SOON, in_state

pytestmark = pytest.mark.django_db


def test_correction_is_dated_now_and_updates_the_article(ed: User) -> None:
    article = in_state(Status.PUBLISHED)
    correction = editing.correct(article=article, by=ed, text=" Ten. ", body="Ten arrests.")
    stored = Article.objects.get()
    assert (correction.text, stored.body, stored.updated_at) == ("Ten.", "Ten arrests.", correction.at)


def test_correction_is_never_seen_before_its_own_time_or_its_article(ed: User) -> None:
    now = timezone.now()
    article = in_state(Status.PUBLISHED)
    later = editing.correct(article=article, by=ed, text="Ten.", at=now + SOON)
    assert list(Correction.objects.public()) == []
    assert list(Correction.objects.public(at=now + SOON + timedelta(seconds=1))) == [later]
    Article.objects.update(publish_at=now + 3 * SOON)
    assert list(Correction.objects.public(at=now + 2 * SOON)) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"text": " "}, {"text": ["Say what was wrong, and what is right."]}),
        ({"text": "x", "at": datetime(2020, 1, 1, tzinfo=UTC)},
         {"at": ["A correction is dated now or later, within two years."]}),
        ({"text": "x", "at": datetime(9999, 1, 1, tzinfo=UTC)},
         {"at": ["A correction is dated now or later, within two years."]}),
        ({"text": "x" * 1001}, {"text": ["Say it in 1000 characters."]}),
    ],
)  # fmt: skip
def test_correct_refuses_what_makes_no_correction(ed: User, fields: dict[str, object], problem: object) -> None:
    with pytest.raises(ValidationError) as refused:
        editing.correct(article=in_state(Status.PUBLISHED), by=ed, **fields)  # type: ignore[arg-type]
    assert refused.value.message_dict == problem
    assert Correction.objects.count() == 0


def test_correction_for_later_cannot_change_the_text_now(ed: User) -> None:
    article = in_state(Status.PUBLISHED)
    with pytest.raises(ValidationError):
        editing.correct(article=article, by=ed, text="x", body="Other.", at=timezone.now() + SOON)
    assert Article.objects.get().body == "Text."
