"""The desk's files: written whole, read forgivingly, and the form's facts without a database."""

import json

import pytest
from django.conf import settings

from newsroom.domain import changes
from newsroom.domain.appeals import AppealState
from reports.domain import state_files
from reports.domain.errors import DeskBroken
from reports.domain.figures import counting
from reports.domain.outcomes import appeals
from reports.domain.retention import ledger
from tests.newsroom.articles import make_appeal, make_article

pytestmark = pytest.mark.engine


def test_what_a_newer_version_wrote_is_read_after_a_rollback():
    text = {
        "title": "Did you see it?",
        "prompt": "Small things count.",
        "questions": ["When?"],
        "newer": 1,
    }
    prompt = text | {"key": "a", "open": True, "story": "A headline", "path": "/news/a-story/"}
    (settings.STATE_DIR / "form.json").write_text(
        json.dumps({"appeals": {"a": prompt}, "newer": 1})
    )
    (state_files.folder() / "profile.json").write_text(
        json.dumps({"duty": "Dana Duty", "newer": 1})
    )
    assert state_files.form_state().appeals["a"].title == "Did you see it?"
    assert state_files.profile().duty == "Dana Duty"


def test_what_a_profile_said_before_place_toml_did_is_passed_over():
    before = {
        "controller": "Anytown Watch",
        "people": ["Sam Example"],
        "demo": False,
        "duty_email": "jo@example.org",
    }
    (state_files.folder() / "profile.json").write_text(json.dumps(before))
    assert state_files.profile() == state_files.Profile(duty_email="jo@example.org")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"appeals": 5}', '{"appeals": {"a": {"nonsense": 1}}}']
)
def test_damaged_form_file_is_an_open_line_without_appeals(content):
    (settings.STATE_DIR / "form.json").write_text(content)
    assert state_files.form_state() == state_files.FormState()


def test_form_state_knows_the_appeals_of_the_newsroom(db):
    make_appeal(make_article(headline="A headline"), highlights="Which car?\n\n When? ")
    state_files.refresh_form()
    questions = ("Which car?", "When?")
    text = ("a-story", "Do you know?", "Small things count.", questions)
    assert state_files.form_state().appeals == {
        "a-story": AppealState(*text, True, "A headline", "/news/a-story/")
    }


def test_refresh_of_the_appeals_alone_leaves_the_line_as_it_is(db):
    state_files.refresh_form(line="closed")
    make_appeal(make_article())
    state_files.refresh_form()
    assert (state_files.form_state().line, len(state_files.form_state().appeals)) == ("closed", 1)


def test_refresh_leaves_an_unchanged_file_alone_and_a_change_is_seen_at_once(db):
    path = settings.STATE_DIR / "form.json"
    assert state_files.form_state() == state_files.FormState()
    state_files.refresh_form()
    written = path.stat().st_ino, path.stat().st_mtime_ns
    state_files.refresh_form()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == written
    assert state_files.form_state() is state_files.form_state()  # parsed once
    make_appeal(make_article())
    state_files.refresh_form()
    assert len(state_files.form_state().appeals) == 1


@pytest.mark.parametrize("content", [None, b"", b"age1", "älter".encode()])
def test_unusable_desk_pub_names_the_file_and_what_to_do(content):
    if content is not None:
        (state_files.folder() / "desk.pub").write_bytes(content)
    with pytest.raises(DeskBroken, match=r"desk\.pub"):
        state_files.public_key()


def test_unchanged_rows_leave_their_file_and_the_edition_alone(
    db, django_capture_on_commit_callbacks
):
    for rows, changed in (([1], True), ([1], False), ([2], True)):
        before = changes.number()
        with django_capture_on_commit_callbacks(execute=True):
            state_files.publish(counting.FILE, rows)
        assert (changes.number() != before) is changed
        assert json.loads((settings.STATE_DIR / counting.FILE).read_bytes()) == rows


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[null]", "[1]", "[[1]]", '[["x", 3]]', '[{"title": "x"}]']
)
def test_a_damaged_file_of_rows_tells_nothing(text):
    for name in (counting.FILE, appeals.FILE, ledger.FILE):
        (settings.STATE_DIR / name).write_text(text)
    assert (counting.releases(), appeals.appeals(), ledger.months()) == ([], [], [])
