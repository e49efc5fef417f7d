"""What the privacy page promises, each with the test that fails when it is broken; the README names the same tests."""

from typing import NamedTuple

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _


class Promise(NamedTuple):
    """A promise in a reader's words, and the name of its test as pytest knows it."""

    says: str | Lazy
    test: str


PROMISES = (
    Promise(
        _("What you write lies nowhere in clear: in no database, file or log."),
        "tests/proofs/test_plaintext_hunt.py::test_nothing_that_was_told_or_typed_lies_anywhere_in_clear",
    ),
    Promise(
        _("Only a keyholder’s own words open a tip. Wrong words open nothing, and the try is written down."),
        "tests/reports/domain/keys/test_keyholders.py::test_wrong_phrase_opens_nothing_and_is_recorded",
    ),
    Promise(
        _("Each time somebody reads a tip, that is written down before they see a word."),
        "tests/reports/domain/tips/test_opening.py::test_reading_is_recorded_before_the_text_is_shown",
    ),
    Promise(
        _("What we said we received is not lost, even if our machine is switched off while you send."),
        "tests/proofs/test_kill.py::test_nothing_acknowledged_is_lost_over_many_kills",
    ),
    Promise(
        _("Of a picture only the picture is kept: no place, no time, no make of phone."),
        "tests/newsroom/imaging/test_child.py::test_nothing_but_pixels_survives",
    ),
    Promise(
        _("The day of a tip becomes its week once we open it."),
        "tests/reports/domain/tips/test_opening.py::test_opening_fills_the_coarse_facts_and_coarsens_the_day",
    ),
    Promise(
        _("Nothing is deleted early, and at the most six days late."),
        "tests/reports/domain/retention/test_retention.py::test_nothing_is_deleted_early_and_at_the_most_six_days_late",
    ),
    Promise(
        _("What is deleted cannot be read from last month’s copy."),
        "tests/reports/domain/retention/test_purging.py::test_last_months_backup_with_todays_ring_opens_nothing",
    ),
    Promise(
        _("What came of a tip is told only with four others or more, and only while the story is out."),
        "tests/reports/domain/outcomes/test_outcomes.py::test_outcome_is_gone_at_once_when_its_story_is_withdrawn",
    ),
    Promise(
        _("No number under ten can be worked out from our public figures."),
        "tests/reports/domain/figures/test_suppression.py::test_no_number_under_ten_can_be_derived_from_all_releases_together",
    ),
)
