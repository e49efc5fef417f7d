import pytest
from django.db.models import BooleanField, DateField, DateTimeField
from django.utils import timezone

from newsroom.domain import revisions
from newsroom.domain.revisions import Difference, DifferenceLine
from newsroom.models import Article, Image, Revision
from tests.newsroom.articles import NOON, make_article, make_whole

SIZE = {"width": 960, "height": 540}
BASE = {
    "body": "",
    "status": "draft",
    "publish_at": "",
    "proceedings_active": False,
    "areas": [],
}


def compared(name, before, after):
    return revisions.differences(BASE | {name: before}, BASE | {name: after})


def test_differences_show_a_changed_line_word_by_word_with_one_line_around_it():
    assert compared(
        "body",
        "One.\nTwo.\nTen held here.\nFour.\nFive.",
        "One.\nTwo.\nTwelve held here.\nFour.\nFive.",
    ) == [
        Difference(
            "text",
            (
                DifferenceLine("same", ((False, "Two."),)),
                DifferenceLine("removed", ((True, "Ten"), (False, " held here."))),
                DifferenceLine("added", ((True, "Twelve"), (False, " held here."))),
                DifferenceLine("same", ((False, "Four."),)),
            ),
        )
    ]


def test_lines_stand_side_by_side_with_nothing_beside_one_that_is_new():
    (part,) = revisions.differences(
        {"body": "One\nTwo\nThree"}, {"body": "One\nTwice\nAnd more\nThree"}
    )
    marks = [tuple(line and line.mark for line in pair) for pair in part.pairs]
    assert marks == [("same", "same"), ("removed", "added"), (None, "added"), ("same", "same")]


@pytest.mark.parametrize(
    ("name", "before", "after", "lines"),
    [
        ("status", "draft", "published", [("removed", "Draft"), ("added", "Published")]),
        ("proceedings_active", False, True, [("removed", "no"), ("added", "yes")]),
        ("publish_at", "", "2024-07-01T06:30:00+00:00", [("added", "1 July 2024, 07:30")]),
        (
            "corrections",
            [],
            [["2024-07-01T06:30:00+00:00", "Ten."]],
            [("added", "1 July 2024, 07:30 · Ten.")],
        ),
        (
            "steps",
            [],
            [["arrest", "2024-03-01", "Ten."]],
            [("added", "Arrests · 1 March 2024 · Ten.")],
        ),
        ("areas", ["olney"], ["bradwell", "olney"], [("added", "bradwell"), ("same", "olney")]),
    ],
)
def test_differences_are_in_an_editors_words(name, before, after, lines):
    [part] = compared(name, before, after)
    assert [(line.mark, "".join(text for _, text in line.pieces)) for line in part.lines] == lines


def test_every_field_of_an_article_is_recorded_or_left_out_by_name():
    meta = Article._meta
    fields = {field.name for field in (*meta.fields, *meta.many_to_many)}
    known = {field.name for field in revisions.recorded()}
    assert (known | revisions.UNRECORDED, known & revisions.UNRECORDED) == (fields, set())
    assert fields > revisions.BY_VERBS > revisions.UNRECORDED
    hanging = {relation.related_name for relation in meta.related_objects}
    apart = {"revisions", "redirects", "working_copy", "unsaved_texts"}
    assert {*revisions.ROWS, *revisions.OTHER_ROWS, *apart} == hanging


@pytest.mark.django_db
def test_every_recorded_field_that_changes_writes_a_revision_and_is_put_back():
    article = make_whole("a-story")
    at = timezone.now()
    for field in revisions.recorded():
        before = revisions.snapshot(Article.objects.get())
        if field.many_to_many:
            getattr(article, field.name).set([])
        else:
            Article.objects.update(**{field.name: _other(field)})
        made = revisions.add(article=Article.objects.get(), before=before, made_by="ed", at=at)
        assert made is not None, field.name
        assert revisions.changed(before, made.fields) == [field.name]
        stored = Article.objects.get()
        parts = revisions.put_back(stored, before)
        stored.save()
        for part in parts:
            part()
        same = field.name not in revisions.BY_VERBS
        assert (revisions.snapshot(Article.objects.get()) == before) == same, field.name


def _other(field):
    """Return something that the field of a whole article does not hold."""
    if field.is_relation:
        known = (
            {"slug": "other", "name": "Other"}
            if field.name != "lead_image"
            else {"digest": "ab" * 16, **SIZE}
        )
        return field.related_model.objects.create(**known)
    if isinstance(field, DateField):
        return NOON if isinstance(field, DateTimeField) else NOON.date()
    if isinstance(field, BooleanField):
        return True
    return "scheduled" if field.name == "status" else "other"


@pytest.mark.django_db
def test_a_field_that_is_younger_than_the_revision_stays_as_it_is():
    article = make_whole("a-story")
    old = revisions.snapshot(article)
    del old["source_note"]
    article.source_note, article.headline = "From us.", "Other"
    revisions.put_back(article, old)
    assert (article.source_note, article.headline) == ("From us.", "Headline of a-story")


@pytest.mark.django_db
def test_record_of_no_change_writes_nothing():
    article = make_article()
    before = revisions.snapshot(Article.objects.get())
    assert revisions.add(article=article, before=before, made_by="ed", at=timezone.now()) is None
    assert Revision.objects.count() == 0


def test_another_picture_is_named_by_what_it_shows():
    wall = Image.objects.create(
        digest="a" * 32, alt="A brick wall", caption="c", credit="c", **SIZE
    )
    (part,) = compared("lead_image", "b" * 32, wall.digest)
    assert [(line.mark, "".join(text for _, text in line.pieces)) for line in part.lines] == [
        ("removed", "A picture that was deleted"),
        ("added", "A brick wall"),
    ]
