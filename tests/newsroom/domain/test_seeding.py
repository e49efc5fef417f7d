import pytest
from django.contrib.auth.models import User

from newsroom.domain import editing, revisions, search, seeding
from newsroom.domain.front_matter import SeedError
from newsroom.models import Article
from tests.newsroom.editors import rename

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
source_note: The police told us.
---
The text.
"""


def write(folder, text=GOOD, name="a.md"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.django_db
def test_load_makes_the_article_with_all_that_hangs_from_it(tmp_path):
    assert seeding.load(path=write(tmp_path)) == (1, 0)
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
@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("headline: A headline\n", "", 1, "“headline”: This field is required."),
        (
            "headline: A headline",
            "headline: [A, B]",
            3,
            "“headline” must be plain text. Put it in quotes.",
        ),
        ("byline: Newsroom", "author: Newsroom", 5, "“author” is not known here."),
        ("status: published", "status: out", 6, "“status”: "),
        ("2023-11-22 07:00", "next Tuesday", 7, "“publish_at”: Enter a valid date/time."),
        (
            "publish_at: 2023-11-22 07:00\n",
            "",
            1,
            "Enter the date and time when the story should appear.",
        ),
        (
            "[bradwell, olney]",
            "[bradwell, leeds]",
            10,
            "“areas”: Select a valid choice. leeds is not",
        ),
        ("active: yes", "active: perhaps", 11, "“proceedings_active”: Select a valid choice."),
        ('figure: "12"', "number: 12", 12, "“number” is not known here. Use: figure, text."),
        (
            "stage: arrest",
            "stage: report",
            15,
            "You cannot add this stage yourself. It appears with a public result.",
        ),
        ("date: 2023-11-21", "date: Tuesday", 15, "“date”: "),
        ("  title: Do you know?\n", "", 23, "“title”: This field is required."),
        (
            "  key: a-story\n  title: Do you know?\n  prompt: Small things count.",
            "  yes",
            23,
            "“appeal” must have: ",
        ),
        ("byline: Newsroom", "byline: By: us", 5, "This line cannot be read"),
        ("---\nslug", "slug", 1, "It must begin with lines like"),
        ("---\nThe text.", "The text.", 1, "It must begin with lines like"),
    ],
)
def test_load_names_file_and_line_of_a_mistake(tmp_path, old, new, line, problem):
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(SeedError) as caught:
        seeding.load(path=path)
    assert str(caught.value).startswith(f"{path}, line {line}: {problem}")


@pytest.mark.django_db
def test_what_was_loaded_once_is_the_newsrooms_whatever_its_file_says_later(tmp_path):
    seeding.load(path=write(tmp_path, GOOD.replace("The text.", "John Exampleman was charged.")))
    article, ed = Article.objects.get(), User.objects.create_user("ed")
    editing.correct(article=article, by=ed, text="We named a child.", body="A boy was arrested.")
    rename(Article.objects.get(), "better", by=ed)
    assert seeding.load(path=write(tmp_path)) == (0, 1)
    assert (Article.objects.get().slug, Article.objects.get().body) == (
        "better",
        "A boy was arrested.",
    )


@pytest.mark.django_db
def test_load_of_many_leaves_each_article_whole(tmp_path):
    for name in "abc":
        text = GOOD.replace("a-story", f"{name}-story").replace(
            "The text.", f"It was {name}{name}{name}."
        )
        write(tmp_path, text, f"{name}.md")
    assert seeding.load(path=tmp_path) == (3, 0)
    for name in "abc":
        article = Article.objects.get(slug=f"{name}-story")
        counts = [
            article.areas.count(),
            article.facts.count(),
            article.steps.count(),
            article.links.count(),
        ]
        assert counts == [2, 1, 1, 2]
        assert [one.fields for one in article.revisions.all()] == [revisions.snapshot(article)]
        assert [hit.article for hit in search.search(query=f"{name}{name}{name}").hits] == [article]


@pytest.mark.django_db
def test_load_of_nothing_and_of_what_is_no_text_says_so(tmp_path):
    with pytest.raises(SeedError, match=r"nowhere: There is no such file or folder\.$"):
        seeding.load(path=tmp_path / "nowhere")
    path = tmp_path / "a.md"
    path.write_bytes(b"---\nslug: \xff\n---\n")
    with pytest.raises(SeedError, match=r"a\.md: The file is not UTF-8 text\.$"):
        seeding.load(path=path)
