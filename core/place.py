"""What is local, from the folder that `manage place take` has checked and copied: names, numbers, areas. Pure.

`settings.PLACE` is read once, at start. `seeds/place` is the example; docs/operations.md says how to make one's own.
"""

import csv
import hashlib
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from core import languages
from core.file_names import is_slug

LEAST_RESIDENTS = 5_000  # of an area: which one a tip names is in clear once the tip is opened
TEXTS = ("name", "inside", "part", "time_zone", "police")  # in the first lines of place.toml
NUMBERS = (
    "emergency",
    "police",
    "anonymous",
    "child",
    "child_worry",
    "home_abuse",
    "data",
)  # that pages name
LAW = (  # what the law asks an operator, and what residents ask that the operator alone can answer
    "lawful_basis",
    "sensitive",
    "restriction",
    "complaints",
    "court",
    "stories",
    "immigration",
    "witness",
    "reward",
    "requests",
    "tasking",
)
ACCESSIBILITY = (
    "status",
    "fails",
    "checked",
    "complaints",
)  # for the statement that the law asks of public bodies
OPERATOR = (  # who runs the site, in the words that pages print
    "controller",
    "body",
    "address",
    "contact",
    "readers",
    "reading_days",
    "police",
    "funding",
)
OTHER_WAYS = ("phone", "post", "counter")  # in which the team takes tips besides the form
ANSWERS: dict[str, dict[str, type]] = {
    "operator": dict.fromkeys(OPERATOR, str) | {"people": list},
    "law": dict.fromkeys((*LAW, "adults_from"), str),
    "accessibility": dict.fromkeys(ACCESSIBILITY, str),
    "home_office": {"confirmed": str, "recipients": list},
    "other_ways": dict.fromkeys(OTHER_WAYS, str),
}
MAY_BE_MISSING: dict[str, Any] = {
    "languages": [],
    "pages": [],
    "headings": [],
    "marking": "",
    "public": {},
}
MAY_BE_MISSING |= {"numbers": {}} | {table: {} for table in ANSWERS}
AREA_COLUMNS = ["slug", "name", "residents", "estates", "closed"]
DIALLED = re.compile(r"\+?\d(?: ?\d){1,14}")
WHO_WE_ARE = "who-we-are.md"


class PlaceError(Exception):
    """A folder that cannot be used; the message names the file, and the key in it, and says what to do."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")


class PhoneLink(str):
    """HTML that templates leave as it is: a number holds nothing but digits and spaces."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return itself."""
        return self


class Number(NamedTuple):
    """A number to call, as it is printed; who answers it, “if” when to call it, and what else to know (or "")."""

    number: str
    who: str
    when: str
    more: str = ""

    def __str__(self) -> str:
        return self.number

    @property
    def link(self) -> PhoneLink:
        """The number as a link to call it."""
        return PhoneLink(f'<a href="tel:{self.number.replace(" ", "")}">{self.number}</a>')


class AreaRow(NamedTuple):
    """One line of areas.csv; `closed`: no new tip names it."""

    slug: str
    name: str
    residents: int
    estates: tuple[str, ...]
    closed: bool


@dataclass(frozen=True)
class Place:
    """What is local. `inside` and `part` are how it reads in a sentence: “in Milton Keynes”, “part of the city”.

    `languages` has the codes of those that the form greets in, `own_languages` the texts of the place's own, by code.
    `pages` has the codes of those in which residents get whole pages, and `who_we_are_in` that text by code.
    `public` has the bodies and helplines that a message to a sender may name, each with its number or "". `operator`
    says who runs the site, by OPERATOR, and `people` who speaks for it: nothing joins them to accounts. `law` has
    the operator's answers, of LAW, and `other_ways` how the team takes tips besides the form, by OTHER_WAYS. From
    the Monday `adults_from` on, an adult who cannot protect themselves is a ground to tell someone (docs/desk.md);
    None: never. Pages say that no tip goes to the Home Office while the desk has no other recipients than
    `only_recipients`; None: they never do. `headings` begin the lines of our wording for the police, and `marking`
    stands at the head of each page of a referral ("" for “In confidence”).
    `digest` is the SHA-256 (hex) of the folder. `problem` says at start why there is none.
    """

    name: str = ""
    inside: str = ""
    part: str = ""
    time_zone: str = "UTC"
    police: str = ""
    numbers: Mapping[str, Number] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    own_languages: Mapping[str, str] = field(default_factory=dict)
    pages: tuple[str, ...] = ()
    public: Mapping[str, str] = field(default_factory=dict)
    operator: Mapping[str, str] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    law: Mapping[str, str] = field(default_factory=dict)
    adults_from: date | None = None
    accessibility: Mapping[str, str] = field(default_factory=dict)
    other_ways: Mapping[str, str] = field(default_factory=dict)
    only_recipients: tuple[str, ...] | None = None
    headings: tuple[str, ...] = ()
    marking: str = ""
    areas: tuple[AreaRow, ...] = ()
    who_we_are: str = ""
    who_we_are_in: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    problem: str = ""

    def __str__(self) -> str:
        return self.name

    def protects_adults(self, day: date) -> bool:
        """Return whether an adult who cannot protect themselves is a ground to tell someone of what comes on a day."""
        return self.adults_from is not None and day >= self.adults_from

    @cached_property
    def public_names(self) -> dict[str, str]:
        """What anybody may name: the place, its police, areas and estates, bodies and helplines with their numbers."""
        names = {self.name: "", self.police: ""}
        for area in self.areas:
            names |= dict.fromkeys((area.name, *area.estates), "")
        for number in self.numbers.values():
            names[number.who.removeprefix("the ")] = number.number
        return names | dict(self.public)

    @property
    def texts(self) -> dict[str, str]:
        """What pages print of it in sentences, by where in place.toml it stands: its own catalogues translate this."""
        said = {"inside": self.inside, "part": self.part}
        said |= {f"law.{name}": text for name, text in self.law.items()}
        said |= {f"accessibility.{name}": text for name, text in self.accessibility.items()}
        said |= {f"other_ways.{name}": text for name, text in self.other_ways.items()}
        for name, number in self.numbers.items():
            said[f"numbers.{name}.who"] = number.who
            said[f"numbers.{name}.when"] = number.when
            said[f"numbers.{name}.more"] = number.more
        return {where: text for where, text in said.items() if text}

    def translated(self, translate: Callable[[str], str]) -> "Place":
        """Return the place with its `texts` put through a function."""
        said = {where: translate(text) for where, text in self.texts.items()}
        numbers = dict(self.numbers)
        for name, number in self.numbers.items():
            numbers[name] = number._replace(
                who=said.get(f"numbers.{name}.who", ""),
                when=said.get(f"numbers.{name}.when", ""),
                more=said.get(f"numbers.{name}.more", ""),
            )
        return replace(
            self,
            inside=said.get("inside", ""),
            part=said.get("part", ""),
            numbers=numbers,
            law={name: said[f"law.{name}"] for name in self.law},
            accessibility={name: said[f"accessibility.{name}"] for name in self.accessibility},
            other_ways={name: said[f"other_ways.{name}"] for name in self.other_ways},
        )

    def pages_in(self, *, demo: bool) -> tuple[str, ...]:
        """Return the codes of the languages that residents may choose: in a demonstration, all."""
        if demo:
            return tuple(languages.NAMES)
        return self.pages

    @property
    def unanswered(self) -> tuple[str, ...]:
        """What of LAW the pages cannot say yet; what is confirmed about the Home Office answers “immigration”."""
        answered = set(self.law)
        if self.only_recipients is not None:
            answered.add("immigration")
        return tuple(name for name in LAW if name not in answered)

    @property
    def helplines(self) -> tuple[str, ...]:
        """The numbers that are nobody's own."""
        return tuple(filter(None, self.public_names.values()))


def at_start(folder: Path) -> Place:
    """Return the place in a folder; where it cannot be used, an empty one that says its `problem`."""
    try:
        return read(folder)
    except PlaceError as error:
        return Place(problem=str(error))


def read(folder: Path) -> Place:
    """Return the place in a folder; raises PlaceError with the first thing that is wrong."""
    facts = _facts(_text(folder, "place.toml"))
    home_office = facts["home_office"]
    only_recipients: tuple[str, ...] | None = None
    if home_office.get("confirmed") == "yes":
        only_recipients = tuple(home_office.get("recipients", ()))
    areas = tuple(_areas(_rows(folder, "areas.csv", AREA_COLUMNS)))
    return Place(
        **{name: facts[name] for name in TEXTS},
        numbers={name: Number(**table) for name, table in facts["numbers"].items()},
        languages=tuple(facts["languages"]),
        own_languages={
            path.stem: _text(folder, f"languages/{path.name}") for path in _languages(folder, "txt")
        },
        pages=tuple(facts["pages"]),
        headings=tuple(str(heading).strip() for heading in facts["headings"]),
        marking=facts["marking"].strip(),
        public=facts["public"],
        operator=_answered({name: facts["operator"].get(name, "") for name in OPERATOR}),
        people=tuple(str(person).strip() for person in facts["operator"].get("people", ())),
        law=_answered({name: facts["law"].get(name, "") for name in LAW}),
        adults_from=_monday(facts["law"].get("adults_from", "").strip()),
        accessibility=_answered(facts["accessibility"]),
        other_ways=_answered(facts["other_ways"]),
        only_recipients=only_recipients,
        areas=areas,
        who_we_are=_text(folder, WHO_WE_ARE),
        who_we_are_in={
            path.suffixes[0][1:]: _text(folder, path.name) for path in _who_we_are_in(folder)
        },
        digest=_digest(folder),
    )


def _answered(table: Mapping[str, str]) -> dict[str, str]:
    return {name: answer.strip() for name, answer in table.items() if answer.strip()}


def _monday(typed: str) -> date | None:
    """Return the day from which adults are protected, None for ""; raises PlaceError for any but a Monday."""
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = None
    if day is None or day.weekday() != 0:
        problem = f"“{typed}” is not a Monday. Write one as in 2027-01-04, or nothing."
        raise PlaceError(toml_key("law", "adults_from"), problem)
    return day


def copy(folder: Path, to: Path) -> None:
    """Copy the files that make up a place into a new folder that everybody may read: all of it is public."""
    shutil.rmtree(to, ignore_errors=True)
    for name in ("articles", "languages"):
        (to / name).mkdir(parents=True)
    for path in _files(folder):
        shutil.copyfile(path, to / path.relative_to(folder))
    for path in (to, *to.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in _files(folder):
        whole.update(
            f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return whole.hexdigest()


def _files(folder: Path) -> list[Path]:
    names = ("place.toml", "areas.csv", WHO_WE_ARE)
    texts = [
        *sorted((folder / "articles").glob("*.md")),
        *_languages(folder, "txt"),
        *_languages(folder, "po"),
    ]
    return [*(folder / name for name in names), *texts, *_who_we_are_in(folder)]


def _languages(folder: Path, extension: str) -> list[Path]:
    return sorted((folder / "languages").glob(f"*.{extension}"))


def _who_we_are_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("who-we-are.??.md"))


def _text(folder: Path, name: str) -> str:
    try:
        text = (folder / name).read_text(encoding="utf-8-sig").rstrip()
    except OSError as error:
        raise PlaceError(
            name, f"{folder / name} cannot be read ({error.strerror}). Copy seeds/place."
        ) from error
    except UnicodeDecodeError as error:
        raise PlaceError(name, "this is not UTF-8 text. Save it as UTF-8.") from error
    if not text:
        raise PlaceError(name, "the text is missing. seeds/place has an example.")
    return text


def _rows(folder: Path, name: str, columns: list[str]) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file."""
    reader = csv.DictReader(_text(folder, name).splitlines(), restkey="", restval="")
    if reader.fieldnames != columns:
        raise PlaceError(name, f"the first line must read {','.join(columns)}")
    for row in reader:
        if "" in row:
            problem = "there are too many columns. Put a text with a comma in quotes."
            raise PlaceError(f"{name}, {row[columns[0]]}", problem)
        yield {column: value.strip() for column, value in row.items()}


def _areas(rows: Iterator[dict[str, str]]) -> Iterator[AreaRow]:
    seen = set[str]()
    for row in rows:
        slug = row["slug"]
        name = row["name"]
        residents = row["residents"]
        where = f"areas.csv, {slug or name}"
        if not is_slug(slug) or not name:
            raise PlaceError(
                where, "an area needs a name, and a slug of letters, digits and hyphens."
            )
        words = {slug.casefold(), name.casefold()}
        if not seen.isdisjoint(words):
            raise PlaceError(
                where, f"“{name}” is here twice. Give each area a name and slug of its own."
            )
        if not residents.isdecimal() or int(residents) < LEAST_RESIDENTS:
            problem = f"“{name}” must have {LEAST_RESIDENTS} residents or more, in digits alone."
            raise PlaceError(where, f"{problem} Join a smaller one with its neighbour.")
        if row["closed"] not in ("", "yes"):
            raise PlaceError(
                where, "“closed” is yes for an area that takes no new tips, or else empty."
            )
        estates = tuple(filter(None, map(str.strip, row["estates"].split(";"))))
        yield AreaRow(slug, name, int(residents), estates, row["closed"] == "yes")
        seen |= words
    if not seen:
        raise PlaceError("areas.csv", "there is no area. Write one a line.")


def _facts(text: str) -> dict[str, Any]:
    """Return what place.toml says, checked: its tables hold texts alone, and none that is needed is missing."""
    try:
        facts = MAY_BE_MISSING | tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlaceError("place.toml", f"{error}. Does a text lack its quotes?") from error
    for name, empty in MAY_BE_MISSING.items():
        if not isinstance(facts[name], type(empty)):
            raise PlaceError(toml_key("", name), "this is not as in seeds/place. Copy it.")
    _require("", {key: facts[key] for key in facts if key not in MAY_BE_MISSING}, TEXTS)
    _require_numbers(facts)
    _require_answers(facts)
    if unknown := [code for code in facts["pages"] if code not in languages.NAMES]:
        problem = f"there are no pages in “{unknown[0]}”. Choose of {', '.join(languages.NAMES)}."
        raise PlaceError(toml_key("", "pages"), problem)
    try:
        ZoneInfo(facts["time_zone"])
    except (KeyError, ValueError, OSError) as error:
        raise PlaceError(
            toml_key("", "time_zone"), "there is no such time zone. Write one as in Europe/London."
        ) from error
    return facts


def _require_numbers(facts: dict[str, Any]) -> None:
    """Raise PlaceError unless no number that is needed is missing, and each can be dialled."""
    for key in (*NUMBERS, *facts["numbers"]):
        name = f"numbers.{key}"
        table = facts["numbers"].get(key, {})
        _require(name, table, ("number", "who", "when"), ("more",))
        if not DIALLED.fullmatch(table["number"]):
            raise PlaceError(
                toml_key(name, "number"), "this cannot be dialled. Use digits and spaces."
            )
    for name, number in facts["public"].items():
        if number != "" and not DIALLED.fullmatch(str(number)):
            raise PlaceError(toml_key("public", name), "write a number to dial, or nothing.")


def _require_answers(facts: dict[str, Any]) -> None:
    """Raise PlaceError unless the tables of ANSWERS hold what they may: each answer may be missing or empty."""
    for table, kinds in ANSWERS.items():
        for key, answer in facts[table].items():
            if not isinstance(answer, kinds.get(key, ())):
                raise PlaceError(toml_key(table, key), "this is not as in seeds/place. Copy it.")


def _require(name: str, table: Any, needed: tuple[str, ...], others: tuple[str, ...] = ()) -> None:
    """Raise PlaceError unless a table has what is needed, and nothing but texts."""
    table = table if isinstance(table, dict) else {}
    for key in (*needed, *table):
        if key not in (*needed, *others):
            raise PlaceError(toml_key(name, key), "this is not known.")
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise PlaceError(toml_key(name, key), "the text is missing.")


def toml_key(table: str, key: str) -> str:
    """Return how an error names a key of place.toml, which is in a table or before the first (table "")."""
    if table:
        return f"place.toml, [{table}] {key}"
    return f"place.toml, {key}"
