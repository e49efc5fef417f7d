"""Catalogues: what is checked, what stands in English until it is, and what a program finds wrong."""

import gettext
import re
import shutil
from io import StringIO
from pathlib import Path

import polib
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core import catalogues, languages
from core.languages import BEGIN, END
from core.place import PlaceError
from reports import consent_words, questions
from reports.domain import place
from reports.management import translations
from tests.languages import pseudo
from tests.languages.conftest import Speaking, forget, offer
from tests.languages.plain import plain_page
from tests.project.test_docs import ROOT
from tests.reports.conftest import key_file  # noqa: F401 - a fixture
from tests.reports.markup import hidden, slip

pytestmark = pytest.mark.django_db
SEEDS = ROOT / "seeds" / "place"
QUESTION = "May we tell the police what you wrote?"
DANGER = "Could someone be badly hurt, or is a child in danger?"


def translated(folder, code, text):
    """Return what a compiled catalogue says for a text."""
    return gettext.translation("django", str(folder), [code]).gettext(text)


def checked_by(native_speaker, folder, *but):
    """Write a language's file of a place in which everything is checked `but` these."""
    found = catalogues.entries(
        native_speaker, place=SEEDS, texts=place.settings.PLACE.texts.values()
    )
    file = polib.POFile()
    file.metadata = catalogues.metadata(native_speaker)
    for entry in found:
        entry.flags = ["fuzzy"] if entry.msgid in but else []
        file.append(entry)
    file.save(str(folder / "languages" / f"{native_speaker}.po"))


@pytest.fixture
def town(tmp_path, settings):
    """Return a place folder that offers Polish, of which nothing is checked; what is taken goes with the test."""
    settings.STATE_DIR = tmp_path / "state"
    settings.STATE_DIR.mkdir()
    folder = tmp_path / "town"
    shutil.copytree(SEEDS, folder)
    toml = folder / "place.toml"
    offered = toml.read_text(encoding="utf-8").replace("pages = []", 'pages = ["pl"]')
    toml.write_text(offered, encoding="utf-8")
    return folder


def test_nothing_cannot_be_right():
    assert list(translations.problems()) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Proszę przeczytać stronę.", "“seven words”"),
        ("Siedem słów %(who)s", "differ"),
        ("Siedem słów 7", "digits"),
        ("Siedem \u200fsłów", "signs"),
        ("Your seven words", "the English"),
        (
            "Siedem słów, które proszę trzymać w miejscu, w którym nikt nie patrzy",
            "characters long",
        ),
    ],
)
def test_slips_are_found(text, problem):
    entry = polib.POEntry(
        msgid="Your seven words", msgstr=text, occurrences=[("reports/forms.py", "1")]
    )
    assert any(problem in found for found in translations._problems(entry, "pl", {}))


def test_a_text_without_a_translation_is_counted_and_stands_in_english(
    tmp_path, monkeypatch, capsys
):
    """Whoever adds a sentence need not know Polish, Romanian or Urdu."""
    shutil.copytree(catalogues.LOCALE, tmp_path / "locale")
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path / "locale")
    path = catalogues.path_of("pl")
    catalogue = polib.pofile(str(path))
    catalogue.find("Your seven words").msgstr = ""
    catalogue.save(str(path))
    assert list(translations.problems()) == []
    call_command("words", "check")
    assert capsys.readouterr().out.splitlines()[1:] == [
        "Polski: without a translation, so in English: 1."
    ]
    catalogues.write(["pl"], place=Path("/nowhere"), texts=[], to=tmp_path / "compiled", demo=True)
    compiled = polib.mofile(str(tmp_path / "compiled" / "pl" / "LC_MESSAGES" / "django.mo"))
    assert compiled.find("Your seven words").msgstr == f"{BEGIN}Your seven words{END}"


def test_latin_letters_in_urdu_and_words_that_quote_another_are_found():
    send = polib.POEntry(msgid="Send", msgstr="Wyślij")
    entry = polib.POEntry(msgid="Press “Send” now.", msgstr="Proszę nacisnąć „Poślij”.")
    assert any("quotes" in found for found in translations._problems(entry, "pl", {"Send": send}))
    entry = polib.POEntry(msgid="Our news.", msgstr="news خبر")
    assert any("Latin" in found for found in translations._problems(entry, "ur", {}))


def test_what_asks_or_explains_consent_and_danger_is_marked_in_each_language():
    said = list(consent_words.SENTENCES.values())
    asked = [questions.question(name) for name in ("danger", "under_18", "contact", "police")]
    said += [text for question in asked for text in (question.label, question.hint) if text]
    said += [
        label
        for name in ("danger", "contact", "police")
        for _value, label in questions.CHOICES[name]
    ]
    for code in languages.NAMES:
        marked = {
            entry.msgid
            for entry in polib.pofile(str(catalogues.path_of(code)))
            if catalogues.is_safety(entry)
        }
        parts = [
            text for text in map(str, said) if text not in marked and len(text.split(". ")) == 1
        ]
        unmarked = [
            text
            for text in parts
            if not any(text.startswith(one.partition("{")[0]) for one in marked)
        ]
        assert unmarked == []
        assert len(marked) > 100


def test_exceptions_to_the_marks_have_reasons_and_are_texts():
    texts = {entry.msgid for entry in polib.pofile(str(catalogues.path_of("pl")))}
    rule = translations.rules("safety")
    assert {*rule["not"], *rule["also"]} <= texts
    assert all(len(reason.split()) > 1 for reason in rule["not"].values())
    assert [file for file in rule["files"] if not (ROOT / file).is_file()] == []


def test_a_demonstration_shows_all_and_a_real_desk_english_where_it_counts(tmp_path, settings):
    said = {}
    for demo in (True, False):
        offer(settings, tmp_path / str(demo), demo=demo)
        said[demo] = [
            translated(tmp_path / str(demo), "pl", text) for text in (QUESTION, "What do you know?")
        ]
    forget()
    assert said[True][0].startswith("Czy")
    assert said[False][0] == f"{BEGIN}{QUESTION}{END}"
    assert said[True][1] == said[False][1] != "What do you know?"


def test_a_checked_text_counts_until_its_english_changes(town, tmp_path, settings):
    checked_by("pl", town, DANGER)
    counted = place.checked(place.place.read(town), town)["pl"]
    assert counted.in_english == (DANGER,)
    catalogue = polib.pofile(str(town / "languages" / "pl.po"))
    for entry in catalogue:
        if entry.msgid == QUESTION:
            entry.msgid = "May we tell the police everything?"  # as it read before an upgrade
    catalogue.save()
    assert set(place.checked(place.place.read(town), town)["pl"].in_english) == {DANGER, QUESTION}


def test_a_real_desk_offers_no_language_whose_core_is_unchecked(town, capsys):
    with pytest.raises(
        PlaceError, match=r"place.toml, pages: \d+ texts in “pl”.*not checked.*words export pl"
    ):
        place.take(source=town)
    checked_by("pl", town)
    call_command("place", "take", str(town))
    said = capsys.readouterr().out
    assert "Polski:" in said
    assert place.place.read(place.folder()).pages == ("pl",)


def test_pages_in_an_unknown_language_are_refused(town):
    toml = town / "place.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('["pl"]', '["zz"]'), encoding="utf-8")
    with pytest.raises(
        PlaceError, match=r"pages: there are no pages in “zz”\. Choose of pl, ro, ur"
    ):
        place.place.read(town)


def test_export_puts_what_keeps_people_safe_first_and_keeps_what_was_checked(tmp_path, capsys):
    call_command("words", "export", "ur", str(tmp_path / "ur.po"))
    written = polib.pofile(str(tmp_path / "ur.po"))
    safety = [catalogues.is_safety(entry) for entry in written]
    assert safety == sorted(safety, reverse=True)
    assert all("fuzzy" in entry.flags for entry in written if entry.msgstr)
    assert "0 of" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("words", "export", "ur", str(tmp_path / "no" / "ur.po"))


@pytest.fixture
def came_back(town, tmp_path):
    """Return the texts of a language in a file, as they came back: nothing is changed. The place is taken."""
    file = tmp_path / "pl.po"
    call_command("words", "export", "pl", str(file))
    return polib.pofile(str(file), wrapwidth=100)


def faults_of(came_back):
    """Return what `words check` says of a file that came back, a line each."""
    came_back.save()
    errors = StringIO()
    said = StringIO()
    try:
        call_command("words", "check", came_back.fpath, stdout=said, stderr=errors)
    except CommandError as error:
        return [*errors.getvalue().splitlines(), str(error)]
    return said.getvalue().splitlines()


def test_a_file_that_nobody_touched_has_no_fault(came_back):
    assert faults_of(came_back) == [f"0 faults. 0 of {len(came_back)} texts checked."]


def test_every_fault_of_a_file_is_named_at_once_with_its_line(came_back):
    wrong = {
        "Your seven words": ("Siedem słów 7", "7"),
        "How to ask": ("Jak zapytać %(days)s", "%(days)s"),
        "Pictures": ("Pictures", "the translation is the English"),
    }
    for english, (polish, _fault) in wrong.items():
        entry = came_back.find(english)
        entry.msgstr = polish
        entry.flags = []
    came_back.append(polib.POEntry(msgid="As it read before", msgstr="Dawniej"))
    *faults, counted = faults_of(came_back)
    assert counted == f"4 faults in {came_back.fpath}."
    lines = Path(came_back.fpath).read_text(encoding="utf-8").splitlines()
    for english, (_polish, fault) in wrong.items():
        [found] = [one for one in faults if f"“{english}”" in one]
        number = int(found.removeprefix("line ").partition(":")[0])
        assert fault in found
        entry_at_that_line = lines[number - 1 : number + 4]
        assert f'msgid "{english}"' in entry_at_that_line
    assert any("“As it read before”: no page says this" in fault for fault in faults)


def test_a_text_that_is_changed_and_not_unmarked_is_named(came_back):
    came_back.find("Your seven words").msgstr = "Pana lub Pani siedem słów"
    [fault, _counted] = faults_of(came_back)
    assert "“Your seven words”: is changed, and still marked “needs work”" in fault


def test_a_places_names_may_stay_as_they_are(came_back):
    name = came_back.find("Childline")
    name.msgstr = name.msgid
    name.flags = []
    assert faults_of(came_back) == [f"0 faults. 1 of {len(came_back)} texts checked."]


@pytest.mark.parametrize(
    ("text", "problem"),
    [("no catalogue", r"pl.po: "), ('msgid ""\nmsgstr "Language: xx\\n"\n', "the language “xx”")],
)
def test_a_file_that_is_no_catalogue_is_refused(text, problem, tmp_path):
    file = tmp_path / "pl.po"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=problem):
        call_command("words", "check", str(file))


@pytest.mark.parametrize(
    ("polish", "parts"),
    [
        ("od 8 do 22", []),
        ("od 8 do 10 wieczorem", []),
        ("od 8 do 21", ["21", "10"]),
        ("od 20 do 22", ["20", "8"]),
    ],
)
def test_an_hour_in_the_evening_may_be_22_and_nothing_else(polish, parts):
    entry = polib.POEntry(msgid="from 8am to 10pm", msgstr=polish)
    assert catalogues.differences(entry) == parts


def test_english_that_nobody_checked_says_that_it_is_english(checked_desk, client):
    form = client.get("/ur/report/").text
    assert f'<bdi lang="en" dir="ltr">{QUESTION}</bdi>' in form
    assert BEGIN not in re.sub(
        "<[^>]*>", "", form.partition("<body")[2]
    )  # but in attributes, which have no elements
    assert "A native speaker has checked what keeps you safe, but not the rest." in form
    assert "No native speaker" not in form


def test_a_demonstration_says_that_nobody_checked_a_word(offered, client, settings):
    settings.DEMO = True
    page = client.get("/pl/report/").text
    assert "No native speaker has checked this translation." in page
    assert "A native speaker has checked" not in page


def test_numbers_are_read_from_left_to_right(offered, client):
    page = client.get("/ur/report/").text
    assert '\u2068<a href="tel:999">999</a>\u2069' in page
    assert '\u2068<a href="tel:0800555111">0800 555 111</a>\u2069' in page


def test_a_further_language_is_a_catalogue_and_a_line(
    client,
    key_file,  # noqa: F811
    monkeypatch,
    settings,
    tmp_path,
):
    """Every page of a resident, in the language that nobody speaks: none of its texts comes from elsewhere."""
    ours = polib.pofile(str(catalogues.path_of("pl")))
    for entry in ours:
        entry.msgstr = "" if entry.msgid_plural else pseudo.strange(entry.msgid)
        if entry.msgid_plural:
            entry.msgstr_plural = dict.fromkeys(range(2), pseudo.strange(entry.msgid_plural))
    ours.metadata |= {"Language": "xx", "Plural-Forms": "nplurals=2; plural=(n != 1);"}
    there = tmp_path / "locale" / "xx" / "LC_MESSAGES"
    there.mkdir(parents=True)
    ours.save(str(there / "django.po"))
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path / "locale")
    monkeypatch.setattr(languages, "NAMES", {"xx": "⟦Xx⟧"})
    offer(settings, tmp_path / "languages", demo=True)
    speaking = Speaking("xx")
    fields = slip(speaking)
    pages = [
        speaking.get(path) for path in ("/report/", "/report/exit/", "/mailbox/", "/about/", "/")
    ]
    pages += [
        speaking.get(f"/about/{page}/")
        for page in ("staying-safe", "how-it-works", "privacy", "who-we-are")
    ]
    pages += [speaking.post("/report/check/", fields), speaking.get("/about/no-such/")]
    check = speaking.post(
        "/report/check/", fields | {"what": "zzme 07700 900123", "danger": "yes", "kind": "home"}
    )
    receipt = speaking.post("/report/receipt/", hidden(check))
    pages += [check, receipt, speaking.post("/mailbox/", {"words": "acquire"})]
    found = {
        page.request["PATH_INFO"]: plain_page(page.text, "zzme 07700 900123", "English")
        for page in pages
    }
    forget()
    assert {path: texts for path, texts in found.items() if texts} == {}


MARKS = [
    "{emergency.__class__}",
    "{emergencia}",
    "%(urgent)d",
    "0900 123 456",
    '<meta http-equiv="refresh" content="0">',
    "<A HREF=//evil.example>",
    '" onclick="x',
    "100%",
    BEGIN,
    "\u202e",
]


@pytest.mark.parametrize("more", MARKS)
def test_a_places_translation_can_add_nothing_that_its_english_lacks(more, town, capsys):
    checked_by("pl", town)
    place.take(source=town)  # the control
    own = polib.pofile(str(town / "languages" / "pl.po"))
    entry = own.find("May we tell the police what you wrote?")
    entry.msgstr += more
    own.save()
    with pytest.raises(PlaceError, match=r"languages/pl.po: .*May we tell the police"):
        place.take(source=town)
    assert (
        entry.msgid
        in place.catalogues.count(
            catalogues.entries("pl", place=town, texts=place.settings.PLACE.texts.values())
        ).in_english
    ), "an upgrade shows it in English"


def test_marks_that_somebody_typed_cost_no_time_and_change_no_box(offered, client):
    typed = BEGIN * 20_000 + END * 20_000
    page = client.post(
        "/report/", slip(client) | {"what": typed, "place": f"corner {END} mid {BEGIN}y{END} half"}
    )
    assert typed in page.text, "a box has what was typed, and it took one pass"
    assert 'autocomplete="off"' in page.text
    assert page.text.count("<bdi") == page.text.count("</bdi>")
