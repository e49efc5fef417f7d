"""What CONTRIBUTING.md asks of tests: a name that can be read at once, and one way to set the clock."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
LONG = re.compile(r"\bdef (test_\w{76,})\(")  # 81 characters or more
BY_HAND = re.compile(
    r"setattr\(\s*(?:[\w.]*\btime(?:zone)?, \"(?:now|time|localdate)\"|\"[\w.]*timezone\.now\")"
)


def found(pattern):
    """Return what a pattern finds in the files of the tests."""
    return [
        each
        for path in TESTS.rglob("*.py")
        for each in pattern.findall(path.read_text(encoding="utf-8"))
    ]


def test_names_of_tests_have_at_most_eighty_characters():
    assert found(LONG) == []


def test_the_clock_is_set_with_time_machine():
    assert found(BY_HAND) == []


@pytest.mark.parametrize(
    "clock", ['timezone, "now"', 'receiving.time, "time"', '\n    "django.utils.timezone.now"']
)
def test_control_a_long_name_and_a_clock_that_is_set_by_hand_are_found(clock):
    assert [bool(LONG.search(f"def test_{'x' * length}(")) for length in (75, 76)] == [False, True]
    assert BY_HAND.search(f"patch.setattr({clock}, lambda: 0)")
    assert not BY_HAND.search('patch.setattr(time, "monotonic", lambda: 0)')
