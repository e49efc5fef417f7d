from pathlib import Path

import pytest
from django.contrib.auth.models import User

from newsroom.domain import editing, seeding, working_copies
from newsroom.domain.front_matter import SeedError
from newsroom.domain.seeding import Tally
from newsroom.models import Appeal, Article

GOOD = """---
slug: a-story
headline: A headline
standfirst: A standfirst.
byline: Newsroom
status: published
publish_at: 2023-11-22 07:00
updated_at: 2023-11-22 09:30
topic: Drug supply
areas: [bradwell, olney]
proceedings_active: yes
facts:
  - figure: "12"
    text: warrants
timeline:
  - stage: arrest
    date: 2023-11-21
    text: Arrests.
links:
  - title: Elsewhere
  - title: With an address
    url: https://example.org/
appeal:
  key: a-story
  title: Do you know?
  prompt: Small things count.
---
The text.
"""


def write(folder: Path, text: str = GOOD, name: str = "a.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.django_db
def test_load_makes_the_article_with_all_that_hangs_from_it(tmp_path: Path) -> None:
    assert seeding.load(path=write(tmp_path)) == Tally(new=1)
    article = Article.objects.get()
    assert (article.slug, article.headline, article.body) == ("a-story", "A headline", "The text.")
    assert article.publish_at is not None
    assert article.updated_at is not None
    assert article.publish_at.isoformat() == "2023-11-22T07:00:00+00:00"
    assert article.updated_at.isoformat() == "2023-11-22T09:30:00+00:00"
    assert article.proceedings_active is True
    assert article.topic.slug == "drug-supply"
    assert list(article.areas.values_list("slug", flat=True)) == ["bradwell", "olney"]
    assert [str(fact) for fact in article.facts.all()] == ["12 warrants"]
    assert [str(step) for step in article.steps.all()] == ["Arrests, 2023-11-21"]
    assert [(link.title, link.url) for link in article.links.all()] == [
        ("Elsewhere", ""),
        ("With an address", "https://example.org/"),
    ]
    appeal = article.appeals.get()
    assert (appeal.key, appeal.title, appeal.opens, appeal.closes) == (
        "a-story",
        "Do you know?",
        article.publish_at,
        None,
    )


@pytest.mark.django_db
def test_load_leaves_the_newsrooms_own_changes_alone(tmp_path: Path) -> None:
    path = write(tmp_path)
    seeding.load(path=path)
    Article.objects.update(headline="The newsroom's own", status="withdrawn")
    assert seeding.load(path=path) == Tally(unchanged=1)
    assert Article.objects.values_list("headline", "status").get() == ("The newsroom's own", "withdrawn")


@pytest.mark.django_db
def test_load_follows_a_changed_file_but_never_brings_a_withdrawn_article_back(tmp_path: Path) -> None:
    path = write(tmp_path)
    seeding.load(path=path)
    Article.objects.update(status="withdrawn")
    write(tmp_path, GOOD.replace("A headline", "A better headline").replace("text: warrants", "text: raids"))
    assert seeding.load(path=path) == Tally(changed=1)
    article = Article.objects.get()
    assert (article.headline, article.status) == ("A better headline", "withdrawn")
    assert [str(fact) for fact in article.facts.all()] == ["12 raids"]
    assert Appeal.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("headline: A headline\n", "", 1, "“headline”: This field is required."),
        ("headline: A headline", "headline: [A, B]", 3, "“headline” must be plain text. Put it in quotes."),
        ("byline: Newsroom", "author: Newsroom", 5, "“author” is not known here."),
        ("status: published", "status: out", 6, "“status”: "),
        ("2023-11-22 07:00", "next Tuesday", 7, "“publish_at”: Enter a valid date/time."),
        ("publish_at: 2023-11-22 07:00\n", "", 1, "Say when the story is to appear."),
        ("[bradwell, olney]", "[bradwell, leeds]", 10, "“areas”: Select a valid choice. leeds is not"),
        ("active: yes", "active: perhaps", 11, "“proceedings_active”: Select a valid choice."),
        ('figure: "12"', "number: 12", 12, "“number” is not known here. Use: figure, text."),
        ("stage: arrest", "stage: report", 15, "Only a released outcome may say that residents reported."),
        ("date: 2023-11-21", "date: Tuesday", 15, "“date”: "),
        ("  title: Do you know?\n", "", 23, "“title”: This field is required."),
        ("  key: a-story\n  title: Do you know?\n  prompt: Small things count.", "  yes", 23, "“appeal” must have: "),
        ("byline: Newsroom", "byline: By: us", 5, "This line cannot be read"),
        ("---\nslug", "slug", 1, "It must begin with lines like"),
        ("---\nThe text.", "The text.", 1, "It must begin with lines like"),
    ],
)
def test_load_names_file_and_line_of_a_mistake(tmp_path: Path, old: str, new: str, line: int, problem: str) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(SeedError) as caught:
        seeding.load(path=path)
    assert (caught.value.path, caught.value.line) == (path, line), caught.value
    assert str(caught.value).startswith(f"{path}, line {line}: {problem}")


@pytest.mark.django_db
def test_load_refuses_a_key_of_another_article(tmp_path: Path) -> None:
    seeding.load(path=write(tmp_path))
    path = write(tmp_path, GOOD.replace("slug: a-story", "slug: b-story"), "b.md")
    with pytest.raises(SeedError) as caught:
        seeding.load(path=path)
    assert str(caught.value) == (
        f"{path}, line 23: This key belongs to another story's appeal. Keys are never used again."
    )


@pytest.mark.django_db
def test_load_never_takes_back_an_article_that_is_out(tmp_path: Path) -> None:
    seeding.load(path=write(tmp_path))
    with pytest.raises(SeedError) as caught:
        seeding.load(path=write(tmp_path, GOOD.replace("status: published", "status: draft")))
    assert (caught.value.line, caught.value.problem) == (
        6,
        "This story is out and cannot be a draft again. Withdraw it in the newsroom.",
    )
    assert Article.objects.published().count() == 1


def loaded_and_named(tmp_path: Path) -> Article:
    """Load a story that names somebody."""
    seeding.load(path=write(tmp_path, GOOD.replace("The text.", "John Exampleman was charged.")))
    return Article.objects.get()


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["correct", "edit"])
def test_a_changed_file_does_not_bring_back_what_the_newsroom_took_out(tmp_path: Path, way: str) -> None:
    article, ed = loaded_and_named(tmp_path), User.objects.create_user("ed")
    if way == "edit":
        typed = Article.objects.get()
        typed.body = "A boy was arrested."
        working_copies.save_changes(article=typed, by=ed)
        working_copies.publish_changes(article=article, by=ed)
    else:
        editing.correct(article=article, by=ed, text="We named a child.", body="A boy was arrested.")
    write(tmp_path, GOOD.replace("The text.", "John Exampleman was charged at noon."))
    assert seeding.load(path=tmp_path) == Tally(left_alone=["a.md"])
    assert Article.objects.get().body == "A boy was arrested."
    assert article.revisions.count() == 2
    assert seeding.load(path=tmp_path) == Tally(left_alone=["a.md"])


@pytest.mark.django_db
def test_load_of_nothing_and_of_what_is_no_text_says_so(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match=r"nowhere: There is no such file or folder\.$"):
        seeding.load(path=tmp_path / "nowhere")
    path = tmp_path / "a.md"
    path.write_bytes(b"---\nslug: \xff\n---\n")
    with pytest.raises(SeedError, match=r"a\.md: The file is not UTF-8 text\.$"):
        seeding.load(path=path)
