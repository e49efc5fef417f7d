"""The papers that people sign: no blank is left, open points are counted, each stored column has its purpose."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from pytest_django import Settings

from core import place
from reports.domain import desk
from reports.management.commands import papers
from reports.models import Recipient

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[3]
NAMES = {"accessibility-statement.md", "for-those-who-decide.md", "impact-assessment.md", "requests.md"}
WORDS = 5_000  # of all papers together, without the annex


def written(folder: Path) -> dict[str, str]:
    """Return the papers that the command writes, by name."""
    call_command("papers", folder)
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def stored() -> Counter[tuple[bool, str, str]]:
    """Return every column of our tables, but each row's own number and its key's: whether sealed, table, column."""
    tables = [table for app in ("newsroom", "reports") for table in apps.get_app_config(app).get_models(True)]
    return Counter(
        (table._meta.app_label == "reports" and isinstance(column, models.BinaryField), table.__name__, column.name)
        for table in tables
        for column in table._meta.local_concrete_fields
        if column.name not in ("id", "key_index")
    )


def described() -> Counter[tuple[bool, str, str]]:
    """Return the columns that the assessment gives a purpose."""
    kinds = {"sealed": True, "clear": False}
    rows = [(sealed, row[kind]) for row in papers.purposes() for kind, sealed in kinds.items()]
    lines = [(sealed, line.split(": ")) for sealed, lines in rows for line in lines]
    return Counter((sealed, table, column) for sealed, (table, columns) in lines for column in columns.split())


def test_every_stored_column_has_one_purpose_in_the_assessment() -> None:
    assert stored().total() > 300
    assert described() == stored()
    assert all(row["why"] and row["until"] for row in papers.purposes())


def test_control_a_column_without_a_purpose_is_noticed() -> None:
    class Shoe(models.Model):
        """A table that no purpose names."""

        size = models.IntegerField()

        class Meta:
            app_label = "reports"

        def __str__(self) -> str:
            return str(self.size)

    try:
        assert stored() - described() == Counter([(False, "Shoe", "size")])
    finally:
        del apps.all_models["reports"]["shoe"]
        apps.clear_cache()


@pytest.mark.parametrize("folder", ["seeds/place", "tests/place"])
def test_papers_of_a_place_have_no_blank_and_say_how_much_is_open(
    folder: str, tmp_path: Path, settings: Settings
) -> None:
    settings.PLACE = place.read(ROOT / folder)
    papers_of = written(tmp_path / "papers")
    assert papers_of.keys() == NAMES
    for paper in papers_of.values():
        assert not re.search(r"[{}]|None|\bFalse\b", paper)
        assert str(settings.PLACE) in paper
        head, _, rest = paper.partition("points")
        assert "DECIDE:" not in head
        assert int(head.split("**")[-1]) == rest.count("DECIDE:") > 0
    head = papers_of["for-those-who-decide.md"].partition("Some are the same")[0]
    order = ("for-those-who-decide.md", "impact-assessment.md", "requests.md", "accessibility-statement.md")
    counts = [str(papers_of[name].count("DECIDE:")) for name in order]
    assert re.findall(r"(\d+) (?:points|in) ", head) == counts
    words = sum(len(re.sub(r"(?s)## Annex.*", "", paper).split()) for paper in papers_of.values())
    assert words <= WORDS


def test_what_was_said_takes_the_place_of_points_to_decide(tmp_path: Path, settings: Settings) -> None:
    settings.PLACE = place.read(ROOT / "seeds/place")
    before = written(tmp_path / "before")
    settings.PLACE = place.read(ROOT / "tests/place")
    desk.save_profile(desk.Profile(controller="Gull Trust", address="1 Quay", contact="data@example.org"))
    Recipient.objects.create(name="Harbour Constabulary", public_key="age1x")
    after = written(tmp_path / "after")
    asked = {name: paper.count("DECIDE:") for name, paper in before.items()}
    assert all(paper.count("DECIDE:") < asked[name] for name, paper in after.items())
    assert "| Responsible (controller) | Gull Trust |" in after["impact-assessment.md"]
    assert "- Recipients of police referrals: Harbour Constabulary." in after["impact-assessment.md"]
    assert "a task for everybody’s safety" in after["impact-assessment.md"]
    assert "the harbour warden decides within a week" in after["requests.md"]
    assert "write to us at data@example.org" in after["requests.md"]
    assert "write to us at **DECIDE:**" in before["requests.md"]
    assert not [name for name, paper in after.items() if "Milton Keynes" in paper or "Thames Valley" in paper]


def test_an_answer_about_the_law_stands_beside_its_question_and_stays_open(tmp_path: Path, settings: Settings) -> None:
    before = written(tmp_path / "before")
    settings.PLACE = replace(settings.PLACE, law={"court": "We say no."}, accessibility={"status": "We do in part."})
    after = written(tmp_path / "after")
    question = "what do you do, who decides, and who speaks for you?"
    agreed = "**DECIDE:** which solicitor agreed, on which day"
    assert f"**DECIDE:** ask your solicitor: {question}" in before["impact-assessment.md"]
    assert f"Question: {question} Your answer: “We say no.” {agreed}" in after["impact-assessment.md"]
    assert "**Compliance status.** We do in part.\n" in after["accessibility-statement.md"]


def test_each_question_about_the_law_says_who_must_answer_it() -> None:
    templates = " ".join(path.read_text(encoding="utf-8") for path in papers.TEMPLATES.glob("*.md"))
    points = [point for name in papers.ADVISED for point in templates.split(f"{{{name}|")[1:]]
    assert len(points) > 8
    assert [point for point in points if not re.match(r"ask your (adviser|solicitor)[^:?]*:\s", point)] == []


def test_a_paper_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "requests.md").write_text("We decided this.", encoding="utf-8")
    with pytest.raises(CommandError, match=r"requests\.md is there already"):
        call_command("papers", tmp_path)
    assert (tmp_path / "requests.md").read_text(encoding="utf-8") == "We decided this."


def test_control_a_blank_that_nothing_fills_is_an_error() -> None:
    with pytest.raises(KeyError, match="shoe_size"):
        papers.filled("{shoe_size}", papers.facts())
