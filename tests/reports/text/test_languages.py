"""The lines in other languages: each says whom to call, and a file that lacks one stops the start and is named."""

import pytest

from reports.text import languages


def test_each_language_has_its_lines_and_says_whom_to_call_and_the_right_way_round():
    assert [one.code for one in languages.ALL] == ["cy", "pl", "ro", "so", "ur"]
    for one in languages.ALL:
        assert len(set(one.lines)) == languages.LINES, one.code
        assert all(number in one.lines[0] for number in ("{emergency}", "{police}")), one.code
    assert [one.code for one in languages.ALL if one.direction == "rtl"] == ["ur"]


@pytest.mark.parametrize(
    "text", ["", "# a note\n", "Polski\n1\n2\n3\n4\n", "Polski\n1\n2\n3\n4\n5\n6\n"]
)
def test_a_file_with_another_number_of_lines_is_refused_by_its_name(text):
    with pytest.raises(ValueError, match=r"pl\.txt: a name and 5 lines are needed"):
        languages.parse("pl", text)


def test_notes_and_empty_lines_count_for_nothing():
    text = "# a note\n\nPolski\n1\n2\n\n3\n4\n# more\n5\n"
    assert languages.parse("pl", text) == languages.OtherLanguage(
        "pl", "Polski", "ltr", ("1", "2", "3", "4", "5")
    )


@pytest.mark.parametrize(
    "braces",
    ["{police.__class__}", "{police!r}", "{police:x}", "{nope}", "{0}", "{}", "{", "{police[0]}"],
)
def test_braces_hold_the_name_of_a_number_and_nothing_else(braces):
    own = {"tr": f"Türkçe\n{braces}\n2\n3\n4\n5"}
    with pytest.raises(ValueError, match=r"\w"):
        languages.greeted(["tr"], own, police="101")


def test_a_places_own_file_counts_before_ours():
    own = {"pl": "Polski\n{police}\n2\n3\n4\n5", "tr": "Türkçe\n1\n2\n3\n4\n5"}
    greeted = languages.greeted(["tr", "pl", "cy"], own, police="101", emergency="999")
    assert [(one.name, one.lines[0]) for one in greeted[:2]] == [("Türkçe", "1"), ("Polski", "101")]
    assert greeted[2].name == "Cymraeg"
