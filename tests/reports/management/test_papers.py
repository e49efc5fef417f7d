"""The papers that people sign: no blank is left, open points are counted by group, each column has its purpose."""

import re
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models

from core import place
from reports.domain import state_files
from reports.domain.intake import unwatched_line
from reports.domain.maintenance import notices
from reports.domain.referrals import consent, urgent_calls
from reports.domain.retention import schedule
from reports.management.commands import papers
from reports.models import Recipient, Status
from reports.models.digests import KEPT_DAYS
from reports.text import disclosure

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[3]
NAMES = {
    "appropriate-policy.md",
    "for-those-who-decide.md",
    "impact-assessment.md",
    "requests.md",
    "sharing-agreement.md",
}
WORDS = 5_500  # of all templates together
SIGNED = ("appropriate-policy.md", "sharing-agreement.md")  # short enough to read before one signs
HEAD = re.compile(
    r"When made: (\d+) open \((\d+) before opening, (\d+) with the police, (\d+) to fill in\)"
)


def written(folder):
    """Return the papers that the command writes, by name."""
    call_command("papers", folder)
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def by_group(paper):
    """Return how many points of a paper are open before opening, with the police, and as facts."""
    return [paper.count(f"**{mark}:**") for mark, _ in papers.GROUPS.values()]


def stored():
    """Return every column of our tables, but each row's own number and its key's: whether sealed, table, column."""
    tables = [
        table
        for app in ("newsroom", "reports")
        for table in apps.get_app_config(app).get_models(True)
    ]
    return Counter(
        (
            table._meta.app_label == "reports" and isinstance(column, models.BinaryField),
            table.__name__,
            column.name,
        )
        for table in tables
        for column in table._meta.local_concrete_fields
        if column.name not in ("id", "key_index")
    )


def described():
    """Return the columns that the assessment gives a purpose."""
    kinds = {"sealed": True, "clear": False}
    rows = [(sealed, row[kind]) for row in papers.purposes() for kind, sealed in kinds.items()]
    lines = [(sealed, line.split(": ")) for sealed, lines in rows for line in lines]
    return Counter(
        (sealed, table, column) for sealed, (table, columns) in lines for column in columns.split()
    )


def test_every_stored_column_has_one_purpose_in_the_assessment():
    assert stored().total() > 300
    assert described() == stored()
    assert all(row["why"] and row["until"] for row in papers.purposes())


def test_control_a_column_without_a_purpose_is_noticed():
    class Shoe(models.Model):
        """A table that no purpose names."""

        size = models.IntegerField()

        class Meta:
            app_label = "reports"

        def __str__(self):
            return str(self.size)

    try:
        assert stored() - described() == Counter([(False, "Shoe", "size")])
    finally:
        del apps.all_models["reports"]["shoe"]
        apps.clear_cache()


@pytest.mark.parametrize("folder", ["seeds/place", "tests/place"])
def test_papers_of_a_place_have_no_blank_and_say_how_much_is_open(folder, tmp_path, settings):
    settings.PLACE = place.read(ROOT / folder)
    papers_of = written(tmp_path / "papers")
    assert papers_of.keys() == NAMES
    for paper in papers_of.values():
        assert not re.search(r"[{}]|None|\bFalse\b|[.?]\.| \.\s", paper)
        assert str(settings.PLACE) in paper
        assert "DECIDE:" not in paper
        total, *groups = map(int, HEAD.search(" ".join(paper.split())).groups())
        assert groups == by_group(paper)
        assert total == sum(groups) > 0
    head = " ".join(papers_of["for-those-who-decide.md"].split()).partition("Count again")[0]
    named = re.findall(r"(\d+) open \(", head)
    order = (
        "for-those-who-decide.md",
        "impact-assessment.md",
        "requests.md",
        "sharing-agreement.md",
        "appropriate-policy.md",
    )
    assert [int(number) for number in named] == [sum(by_group(papers_of[name])) for name in order]


def test_open_points_can_be_counted_again_as_the_paper_says(tmp_path):
    papers_of = written(tmp_path / "papers")
    (command,) = re.findall(
        r"Count again: `([^`]+)`", " ".join(papers_of["for-those-who-decide.md"].split())
    )
    counted = subprocess.run(
        command, shell=True, cwd=tmp_path / "papers", capture_output=True, text=True, check=True
    ).stdout
    groups = zip(*map(by_group, papers_of.values()), strict=True)
    marks = [mark for mark, _ in papers.GROUPS.values()]
    expected = {f"{mark}:": sum(group) for mark, group in zip(marks, groups, strict=True)}
    lines = [line.split(maxsplit=1) for line in counted.splitlines()]
    assert {mark: int(number) for number, mark in lines} == expected


def test_each_open_point_is_of_one_group():
    known = papers.facts() | {"controller": "", "law.court": "", "law.tasking": ""}
    blanks = (
        "{?|a} {?police|b} {?fact|c} {controller|d} {law.court|solicitor: e?} "
        "{law.tasking|solicitor, with the police: f?}"
    )
    paper = papers.filled(blanks, known)
    assert paper == (
        "**BEFORE OPENING:** a **WITH THE POLICE:** b **FACT:** c **FACT:** d "
        "**BEFORE OPENING:** solicitor: e? **WITH THE POLICE:** solicitor, with the police: f?"
    )
    assert papers.open_points(paper) == "6 open (2 before opening, 2 with the police, 2 to fill in)"


def test_the_papers_are_short_and_those_to_sign_shorter():
    lengths = {
        path.name: len(path.read_text(encoding="utf-8").split())
        for path in papers.TEMPLATES.glob("*.md")
    }
    assert sum(lengths.values()) <= WORDS
    assert all(350 <= lengths[name] <= 450 for name in SIGNED)


def test_what_the_law_of_england_settles_is_said_and_not_asked(tmp_path):
    said = {name: " ".join(paper.split()) for name, paper in written(tmp_path / "papers").items()}
    settled = {
        "impact-assessment.md": (
            "Article 35 of the UK GDPR requires this assessment.",
            "must know within 72 hours",
            "The police are a separate controller of what they get",
            "the data protection fee",
            "section 42 of the Care Act 2014",
            "section 149 of the Equality Act 2010",
        ),
        "requests.md": (
            "The law gives you a month, counted from the request",
            "Acknowledge each complaint within 30 days",
            "“Neither confirm nor deny” is decided case by case",
        ),
        "appropriate-policy.md": ("Part 4 of Schedule 1 to the Data Protection Act 2018",),
    }
    for name, sentences in settled.items():
        assert [sentence for sentence in sentences if sentence not in said[name]] == []
    asked = re.findall(r"solicitor: [^?]*\?", " ".join(said.values()))
    assert [point for point in asked if re.search("by when|how long|must you consult", point)] == []


def test_each_risk_has_a_proposed_likelihood_and_severity():
    table = (papers.TEMPLATES / "impact-assessment.md").read_text(encoding="utf-8")
    rows = table.partition("| Likelihood, severity\n---|---|---|---\n")[2].partition("\n\n")[0]
    proposals = [row.split(" | ")[3] for row in rows.splitlines()]
    assert len(proposals) >= 20
    degree = "(low|medium|high)"
    assert [said for said in proposals if not re.fullmatch(f"{degree}, {degree}", said)] == []


def test_what_was_said_takes_the_place_of_points_to_decide(tmp_path, settings):
    settings.PLACE = replace(place.read(ROOT / "seeds/place"), operator={})
    before = written(tmp_path / "before")
    settings.PLACE = place.read(ROOT / "tests/place")
    state_files.save_profile(state_files.Profile(safeguarding="Sam Guard"))
    Recipient.objects.create(name="Harbour Constabulary", public_key="age1x")
    after = written(tmp_path / "after")
    asked = {name: sum(by_group(paper)) for name, paper in before.items()}
    assert all(sum(by_group(paper)) < asked[name] for name, paper in after.items())
    assert "- Responsible (controller): Harbour Watch, a society\n" in after["impact-assessment.md"]
    assert any("Sam Guard" in paper for paper in after.values())
    assert "- The police: Harbour Constabulary." in after["impact-assessment.md"]
    assert "a task for everybody’s safety" in after["impact-assessment.md"]
    assert "the harbour warden decides within a week" in after["requests.md"]
    assert "write to us at data@harbour.example" in after["requests.md"]
    assert "write to us at **FACT:**" in before["requests.md"]
    assert not [
        name
        for name, paper in after.items()
        if "Milton Keynes" in paper or "Thames Valley" in paper
    ]


def test_an_answer_that_someone_must_agree_to_stands_beside_its_question(tmp_path, settings):
    before = written(tmp_path / "before")
    law = {"court": "We say no.", "tasking": "Ask."}
    settings.PLACE = replace(settings.PLACE, law=law, only_recipients=("The Constabulary",))
    after = {name: " ".join(paper.split()) for name, paper in written(tmp_path / "after").items()}
    assert "**BEFORE OPENING:** solicitor: what do you do?" in before["impact-assessment.md"]
    assert (
        "What do you do? “We say no.” **BEFORE OPENING:** who agreed and when (solicitor)."
        in after["impact-assessment.md"]
    )
    assert (
        "“Ask.” **WITH THE POLICE:** who agreed and when (solicitor, with the police)."
        in after["impact-assessment.md"]
    )
    assert (
        "“Yes, while we tell The Constabulary alone.” **BEFORE OPENING:** who agreed"
        in after["impact-assessment.md"]
    )


def test_what_is_invented_or_unset_decides_nothing(tmp_path, settings):
    settings.PLACE = replace(settings.PLACE, operator={"controller": "Gull Trust"})
    Recipient.objects.create(name="Harbour Constabulary", public_key="age1x")
    settings.SITE_ORIGIN, settings.DEMO = "http://127.0.0.1:8000", True
    demo = written(tmp_path / "demo")
    assert not [
        name
        for name, paper in demo.items()
        if re.search("Gull Trust|Harbour Constabulary|127", paper)
    ]
    assert "**FACT:** the site’s address/about/privacy/" in " ".join(demo["requests.md"].split())
    settings.SITE_ORIGIN, settings.DEMO = "https://tips.example.org", False
    real = written(tmp_path / "real")
    assert "- Responsible (controller): Gull Trust\n" in real["impact-assessment.md"]
    assert "https://tips.example.org/about/privacy/" in real["requests.md"]


def templates():
    """Return the templates in one text, each space single."""
    return " ".join(
        " ".join(path.read_text(encoding="utf-8").split()) for path in papers.TEMPLATES.glob("*.md")
    )


def test_each_question_that_someone_must_agree_to_says_who():
    points = {name: templates().split(f"{{{name}|")[1:] for name in papers.ADVISED}
    assert len(points) > 8
    assert all(points.values())
    says_who = re.compile(r"solicitor(, with the police)?: [^{}]+\?\}")
    assert [point for said in points.values() for point in said if not says_who.match(point)] == []


def test_no_two_points_run_together_and_none_has_two_stops():
    run_together = re.compile(r"\{\?\w*\|[^{}]*[^{}.?]\} \{|\{\?\w*\|[^{}]*[.?]\}\.|[.?]\}\.")
    assert run_together.findall(templates()) == []
    assert run_together.findall("{?|name} {?fact|day} {?police|who?}.")


def test_what_the_papers_say_of_the_software_is_as_the_code_has_it(tmp_path):
    said = {name: " ".join(paper.split()) for name, paper in written(tmp_path / "papers").items()}
    assessment, requests = said["impact-assessment.md"], said["requests.md"]
    spam = schedule.days_kept()[Status.SPAM]
    assert f"“Spam” is quickest, {spam} to {spam + schedule.LAST_DAY.days} days" in assessment
    said_after, closed_after = unwatched_line.SAID_AFTER.days, unwatched_line.CLOSED_AFTER.days
    assert (
        f"If nobody reads for {said_after} days, the form says so; after {closed_after} it closes."
        in assessment
    )
    assert f"the list of reminders shows it for {notices.KEPT.days} days." in assessment
    passed_on = schedule.days_kept()[Status.PASSED_ON]
    assert f"We delete its tips {passed_on} days later" in said["sharing-agreement.md"]
    assert f"every team lead can see them for {KEPT_DAYS} days" in requests
    assert consent.STRICTEST == (consent.NO, consent.WORDS, consent.UNSAID, consent.YES)
    answers = ["- No: ", "- “Only in our words”: ", "- Not answered: ", "- Yes: "]
    assert sorted(answers, key=assessment.index) == answers
    assert set(urgent_calls.TO) - set(urgent_calls.PROTECTORS) == {"other"}
    assert "A call can go to “Someone else”" in assessment


@pytest.mark.parametrize("folder", ["seeds/place", "tests/place"])
def test_the_wording_for_a_sender_passes_our_own_check(folder, tmp_path, settings):
    settings.PLACE = place.read(ROOT / folder)
    wording = written(tmp_path / "papers")["requests.md"].partition("**D. ")[2].partition("\n> ")[2]
    message = " ".join(wording.replace("> ", "").split())
    assert message.endswith("You need not tell them what you told us.")
    assert disclosure.find(message, public=settings.PLACE.public_names) == ()


def test_a_paper_that_is_there_is_not_replaced(tmp_path):
    (tmp_path / "requests.md").write_text("We decided this.", encoding="utf-8")
    with pytest.raises(CommandError, match=r"requests\.md is there already"):
        call_command("papers", tmp_path)
    assert (tmp_path / "requests.md").read_text(encoding="utf-8") == "We decided this."


def test_control_a_blank_that_nothing_fills_is_an_error():
    with pytest.raises(KeyError, match="shoe_size"):
        papers.filled("{shoe_size}", papers.facts())
