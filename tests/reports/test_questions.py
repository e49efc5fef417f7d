"""The one list of questions that form, check page and desk share."""

from reports import questions
from reports.admin.tips import reading
from reports.domain.referrals import consent
from reports.domain.tips import digests
from reports.text import disclosure, identity_warnings

TYPED = {"box", "line", "short"}
CHOSEN = {asked.name for asked in questions.FIELDS if asked.shape not in TYPED}


def test_fields_stand_in_groups_that_exist_and_follow_each_other():
    assert list(dict.fromkeys(asked.group for asked in questions.FIELDS)) == list(questions.GROUPS)


def test_choices_belong_to_fields_of_the_form():
    assert set(questions.CHOICES) == {
        asked.name for asked in questions.FIELDS if asked.shape in ("choice", "list")
    }


def test_choices_have_the_values_that_are_sealed():
    sealed = {
        "danger": "yes no unsure",
        "kind": "street home cuckooing children growing deliveries other",
        "ongoing": "yes no unsure",
        "source": "saw told people_say worked_out rather_not",
        "guessable": "yes no unsure",
        "contact": "none receipt details",
        "police": "yes words no",
    }
    values = {
        name: [value for value, _ in choices]
        for name, choices in questions.CHOICES.items()
        if name != "area"
    }
    assert values == {name: listed.split() for name, listed in sealed.items()}


def test_a_label_is_text_that_nothing_has_to_look_up_again():
    labels = [
        questions.label(*answer)
        for answer in (("danger", "unsure"), ("under_18", True), ("what", "A van."))
    ]
    assert (labels, {*map(type, labels)}) == (["Not sure", "Yes", "A van."], {str})


def test_sections_list_every_question_of_an_answered_group_and_none_of_the_others():
    given, left_out = questions.sections({"what": "A van", "ongoing": "yes"}).values()
    assert {
        section.key: [(asked.name, str(answer)) for asked, answer in section.rows]
        for section in given
    } == {
        "first": [("what", "A van"), ("danger", ""), ("under_18", "")],
        "when": [("when", ""), ("ongoing", "Yes")],
    }
    assert [section.key for section in left_out] == [
        "kind",
        "where",
        "who",
        "dangers",
        "you",
        "police",
    ]
    assert not any(answer for section in left_out for _asked, answer in section.rows)


def test_every_typed_answer_says_what_it_holds_and_no_other_does():
    unsaid = [
        asked.name for asked in questions.FIELDS if (asked.shape in TYPED) != bool(asked.holds)
    ]
    assert unsaid == []  # see `Question`
    assert {asked.holds for asked in questions.FIELDS} == {
        "",
        "facts",
        "names",
        "sellers",
        "contact",
    }


def test_what_is_typed_is_searched():
    assert set(questions.SEARCHABLE) == set(questions.names()) - CHOSEN - set(
        questions.CONTACT_DETAILS
    )


def test_a_message_repeats_no_word_of_an_answer_that_holds_names():
    assert disclosure.NAMED == questions.NAMES == ("people", "numbers")


def test_warnings_know_whose_numbers_an_answer_holds():
    assert set(questions.SELLERS) == identity_warnings.SELLING
    assert {"contact", *questions.CONTACT_DETAILS} == identity_warnings.CONTACT


def test_every_ticked_answer_makes_two_tips_different_or_is_left_out_of_that_by_name():
    """A new question? Say in `digests` whether two equal texts with different answers to it are one line or two."""
    assert sorted((*digests.ANOTHER, *digests.THE_SAME)) == sorted(CHOSEN)


def test_the_desk_has_words_for_every_answer_to_a_question_that_it_explains():
    values = {
        name: {value for value, _label in choices} for name, choices in questions.CHOICES.items()
    }
    assert set(reading.SOURCE) == values["source"]
    assert set(reading.POLICE) == values["police"] == {consent.NO, consent.WORDS, consent.YES}
    assert {consent.in_words(answer) for answer in values["police"]}.isdisjoint(
        {consent.in_words(consent.UNSAID)}
    )
