"""docs/promises.md is what the marks on the tests give, and each promise of the privacy page has tests there."""

from reports.promises import PROMISES
from tests.project import promises

TWO = '''
class TestTips:
    @pytest.mark.promise("keys", control="test_control_they_open", name="own-words")
    @pytest.mark.engine
    def test_they_stay_shut(self) -> None:
        """Tips stay
        shut.

        Even at night.
        """

    def test_control_they_open(self) -> None: ...

@pytest.mark.promise("team", control=True)
def test_all() -> None:
    """All is well."""

@pytest.mark.engine
def test_promises_nothing() -> None:
    """Nothing."""
'''


def test_the_page_of_promises_is_what_the_marks_on_the_tests_give():
    listed = promises.promises()
    assert len(listed) > 100
    assert {each.section for each in listed} == promises.SECTIONS.keys()
    assert [each.test for each in listed if not each.says] == [], (
        "a promise is the docstring of its test"
    )
    assert len({each.says for each in listed}) == len(listed)
    written = promises.DOCUMENT.read_text(encoding="utf-8")
    assert written == promises.page(listed), (
        "write it with: .venv/bin/python -m tests.project.promises --write"
    )


def test_everything_that_is_promised_is_printed():
    listed = promises.promises()
    printed = promises.everything(listed).splitlines()
    assert sorted(line for line in printed if line.startswith("- ")) == sorted(
        each.line for each in listed
    )


def test_control_a_promise_is_read_with_its_control_and_a_page_without_it_differs():
    listed = list(promises.marked("tests/test_x.py", TWO))
    beside = "tests/test_x.py::TestTips::test_"
    assert [each.line for each in listed] == [
        f"- Tips stay shut: `{beside}they_stay_shut`, control: `{beside}control_they_open`",
        "- All is well: `tests/test_x.py::test_all`, control: the same test",
    ]
    assert promises.page(listed) != promises.page(listed[1:])


def test_each_promise_of_the_privacy_page_has_a_test_with_a_control():
    named = [each for each in promises.promises() if each.name]
    assert {each.name for each in named} == {promise.name for promise in PROMISES}
    assert {each.name for each in named if each.control} == {promise.name for promise in PROMISES}
