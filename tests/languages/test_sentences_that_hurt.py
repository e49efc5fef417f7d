"""Translations that could hurt whoever reads them: each was found by a reader, and does not come back."""

import polib
import pytest

from core import catalogues, languages
from reports.text.languages import greeted
from tests.settings import ROOT

STRICTER = (
    "On the page “Your messages” you can stop us telling the police, or let us use only our words."
)
RED_BAR = (
    "If someone is in danger or a crime is happening now, call %(urgent)s. If it is not urgent, call the police on "
    "%(police)s. We are not the police."
)
# In Poland 999 is the number of the ambulance: the pages say what answers here. Nobody is told that we share nothing.
FOUND = [
    ("pl", RED_BAR, "(policja, pogotowie, straż pożarna)", ""),
    ("ro", RED_BAR, "(poliția, ambulanța, pompierii)", ""),
    ("pl", "In danger? Call %(urgent)s.", "(policja, pogotowie, straż pożarna)", ""),
    ("ro", "In danger? Call %(urgent)s.", "(poliția, ambulanța, pompierii)", ""),
    (
        "pl",
        "We do not sell what you send us.",
        "Nie sprzedajemy tego, co Państwo nam wyślą.",
        "udostępniamy",
    ),
    ("ur", "We do not sell what you send us.", "ہم اسے نہیں بیچتے", "استعمال کے لیے"),
    ("pl", "Cancel", "Nie, wróć", "Anuluj"),
    ("ro", "Cancel", "Nu, înapoi", "Renunțați"),
    ("ur", "Write them on paper. They will work", "انگریزی حروف میں", ""),
    ("pl", "I worked it out", "To mój własny wniosek", "nikt"),
    (
        "pl",
        "If you or someone else is in danger now",
        "Jeśli Państwo lub ktoś inny",
        "osoba, która to czyta",
    ),
    ("pl", "Staying safe", "Jak się chronić", "Bezpieczeństwo"),
    ("pl", "Your messages", "Moje wiadomości", "Państwa"),
    ("pl", "Your rights", "Jakie mają Państwo prawa", ""),
    ("pl", STRICTER, "tylko treść zapisaną innymi słowami", "sami napiszemy"),
    ("pl", "Here you can only let us tell less", "tylko zmniejszyć zakres", "najostrożniejsza"),
    ("pl", "Could someone be badly hurt, or is a child", "czy jakieś dziecko jest", ""),
    (
        "ur",
        "Delete this visit from your history.",
        "تو وہ آپ کا لکھا ہوا بھی رکھ سکتا ہے۔",
        "دیر تک",
    ),
    ("ur", "We do not send tips to the Home Office.", "(برطانیہ کی وزارتِ داخلہ)", ""),
    ("ro", "A car, a time or a nickname", "Nu vă dăm speranțe false.", "Nu vă promitem altceva."),
]
# A child is spoken to as one speaks to a child.
TO_A_CHILD = [
    "You will not be in trouble with us, even if you tell us",
    "Telling is not wrong.",
    "If you are under 18",
    "If someone makes you carry, hold or sell things",
    "You can also talk to %(who)s on",
    "If you tick this, we may tell a social worker",
    "If you tick “{box}”, we may tell a social worker",
    "You ticked “{box}”, so we may tell a social worker",
    "All we know about you is what you write.",
    "You will not be in trouble with us for telling.",
    "If you are in danger now, call {emergency}.",
]
POLITE = {"pl": "Państw", "ro": "dumneavoastră"}
VERBS = {"pl": ("aństwo",), "ro": ("ați", "eți", "iți")}  # endings of the polite form


def translated(code, english):
    """Return our translation of the text that begins so."""
    catalogue = polib.pofile(str(catalogues.path_of(code)))
    return next(entry.msgstr for entry in catalogue if entry.msgid.startswith(english))


def of_the_place(code, english):
    """Return the example place's translation of the text that begins so."""
    catalogue = polib.pofile(str(ROOT / "seeds" / "place" / "languages" / f"{code}.po"))
    return next(entry.msgstr for entry in catalogue if entry.msgid.startswith(english))


@pytest.mark.parametrize(("code", "english", "says", "never"), FOUND)
def test_what_a_reader_found_does_not_come_back(code, english, says, never):
    text = translated(code, english)
    assert says in text
    assert not never or never not in text


@pytest.mark.parametrize("english", TO_A_CHILD)
@pytest.mark.parametrize("code", ["pl", "ro"])
def test_a_child_is_spoken_to_as_a_child(code, english):
    text = translated(code, english)
    words = text.replace(",", " ").replace(".", " ").split()
    assert POLITE[code] not in text
    assert [word for word in words if word.endswith(VERBS[code])] == []


@pytest.mark.parametrize(
    ("code", "english", "says"),
    [
        ("pl", "the emergency services", "policja, pogotowie i straż pożarna"),
        ("ro", "the emergency services", "poliția, ambulanța sau pompierii"),
        ("pl", "you are under 19", "masz mniej niż 19 lat"),
        ("ro", "you are under 19", "ai sub 19 ani"),
        ("pl", "If you cannot speak", "Jeśli nie mogą Państwo mówić, proszę"),
    ],
)
def test_the_place_says_it_too(code, english, says):
    assert of_the_place(code, english).startswith(says)


@pytest.mark.parametrize("code", languages.NAMES)
def test_nothing_of_it_counts_as_checked(code):
    for path in (catalogues.path_of(code), ROOT / "seeds" / "place" / "languages" / f"{code}.po"):
        assert [
            entry.msgid for entry in polib.pofile(str(path)) if catalogues.is_checked(entry)
        ] == []


@pytest.mark.parametrize(
    "english", ["Cancel", "I worked it out", "We do not sell what you send us."]
)
def test_a_native_speaker_must_check_them_first(english):
    catalogue = polib.pofile(str(catalogues.path_of("pl")))
    assert next(
        catalogues.is_safety(entry) for entry in catalogue if entry.msgid.startswith(english)
    )


def test_a_greeting_says_what_answers_at_the_emergency_number():
    numbers = {"emergency": "999", "police": "101"}
    polish, romanian = greeted(["pl", "ro"], {}, **numbers)
    assert "999 (policja, pogotowie, straż pożarna)" in polish.lines[0]
    assert "999 (poliția, ambulanța, pompierii)" in romanian.lines[0]
