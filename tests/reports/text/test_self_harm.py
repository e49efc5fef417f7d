"""Words of somebody who may be thinking of harming themselves are found in four languages, and others are not."""

import time

import pytest

from reports.text import self_harm


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("I owe them 3000 and I would rather be dead.", "rather be dead"),
        ("I don’t want to live any more", "don’t want to live any more"),
        ("Sometimes I want to KILL MYSELF.", "KILL MYSELF"),
        ("I just want to die", "I just want to die"),
        ("My son is suicidal because of them", "suicidal"),
        ("He says he will hang himself", "hang himself"),
        ("I cant go on like this", "I cant go on"),
        ("I'm better off dead", "better off dead"),
        ("Nie chcę już żyć przez nich", "Nie chcę już żyć"),
        ("Myślę o samobójstwie", "samobójstwie"),
        ("Zabiję się.", "Zabiję się"),
        ("Nu mai vreau sa traiesc", "Nu mai vreau sa traiesc"),
        ("Mă gândesc la sinucidere", "sinucidere"),
        ("میں مرنا چاہتا ہوں", "مرنا چاہتا"),
        ("وہ خودکشی کر لے گا", "خودکشی"),
        ("main marna chahti hun", "marna chahti"),
    ],
)
def test_such_words_are_quoted_as_they_were_typed(text, quote):
    assert self_harm.find([text]) == [quote]


@pytest.mark.parametrize(
    "text",
    [
        "A grey van stops for two minutes.",
        "He said he would kill me.",
        "I do not want to live next to this.",
        "I do not want to be here when they come.",
        "It cannot go on like this.",
        "I could get hurt myself.",
        "They cut it and bag it themselves.",
        "On chce żyć na bogato.",
        "Oni się biją.",
        "Ei omoară câini.",
        "وہ منشیات بیچتا ہے۔",
    ],
)
def test_other_words_are_not(text):
    assert self_harm.find([text]) == []


def test_each_is_named_once_and_at_most_three():
    texts = ["I want to die. I want to die.", "Suicide. I wanna die, end it all, kill myself."]
    assert self_harm.find(texts[:1]) == ["I want to die"]
    assert len(self_harm.find(texts)) == self_harm.MOST


@pytest.mark.parametrize(
    "text", ["I can " * 17_000, "my life " * 12_500, "(" * 100_000, "nie chce juz " * 7_700]
)
def test_the_longest_text_takes_no_time(text):
    before = time.process_time()
    self_harm.find([text])
    assert time.process_time() - before < 2
