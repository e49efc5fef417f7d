"""The check of words finds what must not come back where its readers would meet it, unless a comment excuses it."""

from pathlib import Path

import pytest

from tests.project import plain_words
from tests.project.plain_words import phrases, readers_of, texts, unwelcome

OLD = Path(__file__).with_name("old_wording.txt").read_text(encoding="utf-8").splitlines()
REPLACED = [line.partition(" ")[2].partition(": ")[::2] for line in OLD if line and not line.startswith("#")]
NOT_ANY_MORE = {
    "public": "your report|receipt words|mailbox|burn|what came of it|something came of it|what we ask|keyholder"
    "|staff area|the desk has locked|photo|junk|user name|e-mail|somebody|sealed",
    "team": "officer|tell a lead|countersigner|colleague|one of you|duty person|fresh words|your phrase|the ring"
    "|sealed|sign this|your signature|given to nobody|put in|take off|the alarm rings|set aside|bring back|needs more"
    "|recusals|hidden from members|pack|hand-over|partner|sanitised text|the record|ask the record|is it whole?"
    "|mark of the record|vouched|doubt|tend|ill|strike off|working copy|back to a draft|lead no longer|leave it|burned",
    "documents": "an officer|countersigner|a pack|hand-over|partner|the ring|tombstone|nor|anew|vouched|the tree|nouns",
}


@pytest.mark.parametrize(("readers", "sentence"), REPLACED)
def test_each_sentence_that_was_replaced_is_found_when_it_comes_back(readers: str, sentence: str) -> None:
    assert list(unwelcome(sentence, readers, phrases()))


@pytest.mark.parametrize(
    ("readers", "words"), [(readers, words) for readers, listed in NOT_ANY_MORE.items() for words in listed.split("|")]
)
def test_each_word_that_was_given_up_is_found_for_its_readers(readers: str, words: str) -> None:
    assert list(unwelcome(words, readers, phrases()))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("page.html", '<p class="burn">{# burn #}\n{% translate "Burn this receipt" %}</p>'),
        (
            "page.html",
            '<p id=burn>{% url "burn" %}{% blocktranslate trimmed %}\n  Press to\n  burn it.{% endblocktranslate %}',
        ),
        ("code.py", 'BURN = 1  # burn\nlabel = _(\n    "Burn this receipt"\n)'),
        ("code.js", 'const label = "Burn this receipt";'),
        ("mail.txt", "Burn this receipt"),
        ("page.md", "Burn this receipt with `burn`."),
        ("install", "say 'Burn this receipt'"),
    ],
)
def test_it_is_found_in_what_people_read_and_not_in_names(tmp_path: Path, name: str, source: str) -> None:
    path = tmp_path / name
    path.write_text(source, encoding="utf-8")
    words = [words.lower() for _, text in texts(path) for _, words, _ in unwelcome(text, "documents", phrases())]
    assert words == ["burn"]


def test_a_comment_that_gives_the_reason_excuses_its_own_line_and_the_next() -> None:
    lines = ["{# words: good English here #}", "anyone who is ill", "", "anyone who is ill"]
    assert [plain_words.excused(lines, number) for number in (1, 2, 4)] == [True, True, False]


@pytest.mark.parametrize(
    ("name", "readers"),
    [
        ("templates/reports/form.html", "public"),
        ("templates/admin/index.html", "team"),
        ("templates/emails/urgent.txt", "team"),
        ("reports/forms.py", "public"),
        ("reports/domain/decision.py", "team"),
        ("docs/operations.md", "documents"),
        ("deploy/install", "team"),
    ],
)
def test_each_file_has_its_readers(name: str, readers: str) -> None:
    assert readers_of(name) == readers


def test_every_kind_of_text_is_looked_at() -> None:
    names = {str(path.relative_to(plain_words.ROOT)) for path in plain_words.files()}
    assert {
        "dev",
        "deploy/install",
        "deploy/steps.sh",
        "README.md",
        "static/js/receipt.js",
        "reports/forms.py",
    } <= names
    assert {"templates/base.html", "templates/emails/urgent.txt", "docs/operations.md"} <= names
