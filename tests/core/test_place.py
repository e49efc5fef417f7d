"""What the check of a place's folder finds: each mistake with its file, its key and a remedy."""

import re
import shutil
from datetime import date, timedelta

import pytest

from core import place
from core.place import Place, PlaceError
from tests.settings import ROOT

EXAMPLE, OTHER = ROOT / "seeds" / "place", ROOT / "tests" / "place"
AREA = "bradwell,Bradwell,15000,Bradwell Village,"


@pytest.fixture
def folder(tmp_path):
    """Return a copy of the example to spoil."""
    place.copy(EXAMPLE, tmp_path / "place")
    return tmp_path / "place"


@pytest.mark.parametrize("folder", [EXAMPLE, OTHER], ids=["example", "other"])
def test_both_places_pass(folder):
    found = place.read(folder)
    assert set(place.NUMBERS) <= set(found.numbers)
    assert re.fullmatch("[0-9a-f]{64}", found.digest)


@pytest.mark.parametrize(
    ("file", "was", "now", "said"),
    [
        (
            "place.toml",
            'number = "101"',
            'number = "one o one"',
            "[numbers.police] number: this cannot be dialled.",
        ),
        ("place.toml", 'name = "Milton Keynes"', "", "name: the text is missing."),
        ("place.toml", 'part = "part of the city"', 'part = " "', "part: the text is missing."),
        ("place.toml", 'who = "Childline"\n', "", "[numbers.child] who: the text is missing."),
        (
            "place.toml",
            "[numbers.child]",
            "[numbers.kids]",
            "[numbers.child] number: the text is missing.",
        ),
        (
            "place.toml",
            "Europe/London",
            "Europe/Leighton",
            "time_zone: there is no such time zone.",
        ),
        (
            "place.toml",
            'part = "',
            "part = ",
            "Invalid value (at line 4, column 8). Does a text lack its quotes?",
        ),
        ("place.toml", 'police = "', 'colour = "blue"\npolice = "', "colour: this is not known."),
        (
            "place.toml",
            "[public]\n",
            '[public]\nx = "none"\n',
            "[public] x: write a number to dial, or nothing.",
        ),
        (
            "place.toml",
            'languages = ["pl"',
            'languages = "pl" #',
            "languages: this is not as in seeds/place. Copy it.",
        ),
        (
            "place.toml",
            "[numbers.police]",
            "[numbers]\npolice = 5\n[numbers.two]",
            "[numbers.police] number: the text is missing.",
        ),
        ("place.toml", 'court = ""', "court = 5", "[law] court: this is not as in seeds/place."),
        ("place.toml", 'court = ""', 'coart = ""', "[law] coart: this is not as in seeds/place."),
        (
            "place.toml",
            "adults_from = ''",
            "adults_from = 5",
            "[law] adults_from: this is not as in seeds/place.",
        ),
        (
            "place.toml",
            "adults_from = ''",
            'adults_from = "2027-01-05"',
            "[law] adults_from: “2027-01-05” is not a M",
        ),
        (
            "place.toml",
            "adults_from = ''",
            'adults_from = "soon"',
            "[law] adults_from: “soon” is not a Monday.",
        ),
        ("place.toml", "[law]", "[[law]]", "law: this is not as in seeds/place. Copy it."),
        (
            "place.toml",
            "recipients = []",
            'recipients = "all"',
            "[home_office] recipients: this is not as in seeds/place.",
        ),
        (
            "place.toml",
            'body = "',
            'bodies = "',
            "[operator] bodies: this is not as in seeds/place.",
        ),
        (
            "place.toml",
            'people = ["Sam',
            'people = "Sam" # ["',
            "[operator] people: this is not as in seeds/place.",
        ),
        ("areas.csv", "slug,name,", "name,slug,", "the first line must read slug,name,residents"),
        ("areas.csv", AREA, f"{AREA}\n{AREA}", "bradwell: “Bradwell” is here twice."),
        ("areas.csv", AREA, f"{AREA}\nx,bradwell,15000,,", "x: “bradwell” is here twice."),
        (
            "areas.csv",
            AREA,
            "bradwell,Bradwell,4999,,",
            "bradwell: “Bradwell” must have 5000 residents or more",
        ),
        (
            "areas.csv",
            AREA,
            "bradwell,Bradwell,15 000,,",
            "bradwell: “Bradwell” must have 5000 residents",
        ),
        ("areas.csv", AREA, "../x,Bradwell,15000,,", "../x: an area needs a name, and a slug"),
        ("areas.csv", AREA, "bradwell,Bradwell,15000,,maybe", "bradwell: “closed” is yes"),
        ("areas.csv", AREA, f"{AREA},", "bradwell: there are too many columns."),
    ],
)
def test_each_mistake_is_named_with_its_file_and_key(folder, file, was, now, said):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1), encoding="utf-8")
    with pytest.raises(PlaceError, match=f"^{re.escape(file)}[:,] {re.escape(said)}"):
        place.read(folder)
    assert said in place.at_start(folder).problem


@pytest.mark.parametrize("name", ["place.toml", "areas.csv", "who-we-are.md"])
def test_a_missing_an_empty_and_an_unreadable_file_are_named(folder, name):
    for content, said in ((b"\n", "the text is missing"), (b"\xff", "this is not UTF-8 text")):
        (folder / name).write_bytes(content)
        with pytest.raises(PlaceError, match=f"^{name}: {said}"):
            place.read(folder)
    (folder / name).unlink()
    with pytest.raises(PlaceError, match=rf"^{name}: .*cannot be read \(No such file"):
        place.read(folder)


def test_adults_are_protected_from_a_monday_on_or_never(folder):
    monday, path = date(2027, 1, 4), folder / "place.toml"
    assert not place.read(folder).protects_adults(monday)
    path.write_text(
        path.read_text(encoding="utf-8").replace("adults_from = ''", 'adults_from = " 2027-01-04 "')
    )
    taken = place.read(folder)
    assert (taken.adults_from, taken.law, taken.unanswered) == (monday, {}, place.LAW)
    assert [taken.protects_adults(monday + timedelta(days=days)) for days in (-1, 0, 1)] == [
        False,
        True,
        True,
    ]
    path.write_text(
        path.read_text(encoding="utf-8").split("# What the law asks")[0]
    )  # as a folder was before
    assert place.read(folder).adults_from is None


def test_nothing_is_answered_or_confirmed_until_somebody_does(folder):
    path = folder / "place.toml"
    text = path.read_text(encoding="utf-8")
    example = place.read(folder)
    assert (example.law, example.unanswered, example.only_recipients) == ({}, place.LAW, None)
    path.write_text(
        text.replace('court = ""', 'court = " We say no. "').replace(
            'stories = ""', 'stories = " "'
        )
    )
    answered = place.read(folder)
    assert answered.law == {"court": "We say no."}
    assert answered.unanswered == tuple(name for name in place.LAW if name != "court")
    path.write_text(
        text[: text.index("# What the law asks")], encoding="utf-8"
    )  # as a folder was before
    assert (place.read(folder).unanswered, place.read(folder).only_recipients) == (place.LAW, None)


@pytest.mark.parametrize(
    ("confirmed", "names", "only"),
    [
        ("yes", "[]", ()),
        ("yes", '["Police", "Children’s Services"]', ("Police", "Children’s Services")),
        ("", '["Police"]', None),
        ("no", '["Police"]', None),
        ("maybe", "[]", None),
    ],
)
def test_only_a_yes_confirms(folder, confirmed, names, only):
    path = folder / "place.toml"
    text = path.read_text(encoding="utf-8").replace('confirmed = ""', f'confirmed = "{confirmed}"')
    path.write_text(text.replace("recipients = []", f"recipients = {names}"), encoding="utf-8")
    assert place.read(folder).only_recipients == only


def test_what_nobody_says_of_who_runs_the_site_is_left_out(folder):
    path = folder / "place.toml"
    text = path.read_text(encoding="utf-8")
    example = place.read(folder)
    assert (set(example.operator), example.people) == (
        {*place.OPERATOR},
        ("Sam Example, editor (invented)",),
    )
    path.write_text(text.replace('body = "an invented charity"', 'body = " "'), encoding="utf-8")
    assert set(place.read(folder).operator) == {*place.OPERATOR} - {"body"}
    before, after = text.index("# Who runs the site"), text.index("# The numbers that pages")
    path.write_text(text[:before] + text[after:], encoding="utf-8")  # as a folder was before
    assert (place.read(folder).operator, place.read(folder).people) == ({}, ())


def test_a_folder_that_still_has_a_map_is_taken_without_it(folder, tmp_path):
    before = place.read(folder).digest
    (folder / "tiles.csv").write_text("slug,row,column,lines\n", encoding="utf-8")
    assert place.read(folder).digest == before
    place.copy(folder, tmp_path / "taken")
    assert not (tmp_path / "taken" / "tiles.csv").exists()


def test_what_a_spreadsheet_adds_does_no_harm_and_any_change_is_another_digest(
    folder,
):
    before, path = place.read(folder), folder / "areas.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    after = place.read(folder)
    assert after.areas == before.areas
    assert after.digest != before.digest
    (folder / "articles" / "new.md").write_text("---\n---\n", encoding="utf-8")
    assert place.read(folder).digest != after.digest


def test_a_copy_has_what_makes_up_the_place_and_nothing_else(folder, tmp_path):
    (folder / "areas.csv.bak").touch()
    (folder / "place.toml").chmod(0o600)
    place.copy(folder, tmp_path / "copy")
    assert not (tmp_path / "copy" / "areas.csv.bak").exists()
    assert (tmp_path / "copy" / "place.toml").stat().st_mode & 0o777 == 0o644
    shutil.rmtree(folder / "articles")
    assert place.read(folder).name == "Milton Keynes"


def test_without_a_folder_there_is_a_problem_and_no_error(tmp_path):
    none = place.at_start(tmp_path)
    assert (none.name, none.areas, none.time_zone) == ("", (), "UTC")
    assert "seeds/place" in none.problem
    assert Place().problem == ""
