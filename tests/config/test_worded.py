"""What is worded once is worded once for each language, and the same facts always say the same."""

from django.utils.translation import override

from config.worded import KEPT, once


def test_same_facts_are_worded_once_in_each_language() -> None:
    asked: list[tuple[str, int]] = []

    @once
    def say(word: str, number: int) -> str:
        """Say it."""
        asked.append((word, number))
        return f"{word} {number}"

    with override("en-gb"):
        assert [say("one", 1), say("one", 1), say("two", 2)] == ["one 1", "one 1", "two 2"]
    with override("pl"):
        assert say("one", 1) == "one 1"
    assert asked == [("one", 1), ("two", 2), ("one", 1)]
    assert say.__doc__ == "Say it."


def test_what_is_kept_has_an_end() -> None:
    asked = []

    @once
    def say(number: int) -> int:
        asked.append(number)
        return number

    for number in (*range(KEPT + 1), 0):
        say(number)
    assert asked == [*range(KEPT + 1), 0]
