"""The files of phrases are read as english.txt says, and a line that cannot be read is named."""

import pytest

from reports.text.identity_warnings import advice, phrase_files


def matched(path, lines, text):
    """Return what a file of these lines finds in a text."""
    path.write_text(lines, encoding="utf-8")
    return [
        match[0]
        for _advice, pattern in phrase_files.read(path, advice.BY_NAME)
        for match in pattern.finditer(phrase_files.plain(text))
    ]


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ("my friend*", "all my friends", "my friends"),
        ("my (dog|cat)", "of my cat", "my cat"),
        ("my [own|old] cat", "my old cat", "my old cat"),
        ("my [own|old] cat", "my cat", "my cat"),
        ("my cat [2]", "my cat saw it all", "my cat saw it"),
        ("my [1] cat", "my grey cat", "my grey cat"),
        ("I _ him", "I know him", "i know him"),
        ("my ... cat", "my friend and his cat", "my friend and his cat"),
        ("my ... cat", "my friend. His cat", ""),
        ("next door !(to)", "next door to him", ""),
        ("next door !(to)", "next door, to him", "next door"),
        ("he !(likes) _ me", "he likes me", ""),
        ("my {relative}", "of my aunt", "my aunt"),
        ("at {minute}", "at 6.10", "at 6.10"),
        ("at {minute}", "at 6.30", ""),
        ("moja siostra", "MOJA SIOSTRĄ", "moja siostra"),
        ("my cat", "my cathedral", ""),
        ("my (dog|\n    cat)", "of my cat", "my cat"),
    ],
)
def test_a_phrase_finds_what_it_says(phrase, text, words, tmp_path):
    assert matched(tmp_path / "odd.txt", f"relative = uncle, aunt\n[kin]\n{phrase}", text) == [
        words
    ] * bool(words)


@pytest.mark.parametrize(
    "line", ["my (dog|cat", "my {cousin}", "[cousins]", "[1] [2]", "my  cat", "my ()) cat"]
)
def test_a_line_that_cannot_be_read_is_named(line, tmp_path):
    with pytest.raises(ValueError, match=r"odd\.txt, line 3: "):
        matched(tmp_path / "odd.txt", f"# Of kin\n[kin]\n{line}", "")


def test_every_heading_that_there_is_stands_in_the_english_file():
    path = phrase_files.FOLDER / "english.txt"
    found = {message for message, _pattern in phrase_files.read(path, advice.BY_NAME)}
    assert [name for name, message in advice.BY_NAME.items() if message not in found] == []
