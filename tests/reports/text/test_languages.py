"""The lines in other languages: each says whom to call, and a file that lacks one stops the start and is named."""

from pathlib import Path

import pytest

from reports.text import languages


def test_each_language_has_its_lines_and_says_whom_to_call_and_the_right_way_round() -> None:
    assert [one.code for one in languages.ALL] == ["cy", "pl", "ro", "so", "ur"]
    for one in languages.ALL:
        assert len(set(one.lines)) == languages.LINES, one.code
        assert all(number in one.lines[0] for number in ("{emergency}", "{police}")), one.code
    assert [one.code for one in languages.ALL if one.direction == "rtl"] == ["ur"]


@pytest.mark.parametrize("text", ["", "# a note\n", "Polski\n1\n2\n3\n4\n", "Polski\n1\n2\n3\n4\n5\n6\n"])
def test_a_file_with_another_number_of_lines_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "pl.txt").write_text(text)
    with pytest.raises(ValueError, match=r"pl\.txt: a name and 5 lines are needed"):
        languages.read(tmp_path)


def test_notes_and_empty_lines_count_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "pl.txt").write_text("# a note\n\nPolski\n1\n2\n\n3\n4\n# more\n5\n")
    assert languages.read(tmp_path) == (languages.OtherLanguage("pl", "Polski", "ltr", ("1", "2", "3", "4", "5")),)
