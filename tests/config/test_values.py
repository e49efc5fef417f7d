"""Values that are found and written the short way are what Django itself would find and write."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from django.template import Context, Engine, Template
from django.template.base import VariableNode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy

from config.values import Path, Value
from tests.config.test_folding import engine

PLAIN = "django.template.loaders.cached.Loader"


class Row(NamedTuple):
    name: str
    count: int


class Absent(Exception):
    silent_variable_failure = True


class Thing:
    """An object with everything that a template may meet."""

    name = "<Thing>"

    def __init__(self) -> None:
        self.kept = {"word": "a & b"}

    @property
    def told(self) -> str:
        return "told"

    @property
    def broken(self) -> str:
        raise AttributeError("inside")

    @property
    def absent(self) -> str:
        raise Absent

    def called(self) -> str:
        return "<called>"

    def with_argument(self, argument: str) -> str:
        return argument

    def altering(self) -> str:
        raise AssertionError("a template must not call this")

    altering.alters_data = True  # type: ignore[attr-defined]

    def __str__(self) -> str:
        return "<a thing>"


class Keyed:
    """Has keys and attributes under one name."""

    name = "attribute"

    def __getitem__(self, key: str) -> str:
        return f"key {key}"


class Html:
    def __html__(self) -> str:
        return "<b>html</b>"


class Loud(str):
    """Not quite a plain word."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.upper()


VALUES: dict[str, Any] = {
    "word": "plain",
    "marked": "<b>\"a\" & 'b'</b>",
    "safe": mark_safe("<b>safe</b>"),
    "nothing": None,
    "empty": "",
    "yes": True,
    "number": 1234567,
    "fraction": 1234.5,
    "day": date(2026, 11, 25),
    "instant": datetime(2026, 7, 1, 12, tzinfo=UTC),
    "lazy": gettext_lazy("Main"),
    "html": Html(),
    "loud": Loud("loud"),
    "facts": {
        "name": "<in a dict>",
        "items": "its own items",
        "deep": {"er": ["zero", "<one>"]},
        "call": Thing().called,
    },
    "bare": {"other": "x"},
    "row": Row("<row>", 3),
    "pair": ("first", "<second>"),
    "list": ["zero", "<one>"],
    "thing": Thing(),
    "keyed": Keyed(),
    "function": lambda: "<from a function>",
    "made": lambda: {"word": "of a made dict"},
}
PATHS = [
    *VALUES, "missing", "facts.name", "facts.items", "bare.items", "facts.missing", "facts.deep.er.1",
    "facts.deep.er.9", "facts.call", "bare.keys", "row.name", "row.count", "row.0", "row.missing", "row.index",
    "pair.1", "pair.name", "list.0", "list.1", "list.name", "thing.name", "thing.kept.word", "thing.told",
    "thing.called", "thing.with_argument", "thing.altering", "thing.missing", "thing.absent", "keyed.name",
    "word.upper", "word.missing", "nothing.name", "made.word", "missing.name", "True", "None", "safe.upper",
    "number.real", "1", "2.5",
]  # fmt: skip
FORMS = ["{{ %s }}", "{{ %s|default:'none' }}", "{{ %s|upper }}", "{%% autoescape off %%}{{ %s }}{%% endautoescape %%}"]
FORMS += ["{%% if %s %%}yes{%% else %%}no{%% endif %%}", "{%% with it=%s %%}{{ it }}{%% endwith %%}"]


def both(source: str, **options: Any) -> Iterator[Template]:
    for loader in ("config.folding.Loader", PLAIN):
        locmem = ("django.template.loaders.locmem.Loader", {"it": source})
        yield Engine(loaders=[(loader, [locmem])], **options).get_template("it")


@pytest.mark.parametrize("invalid", ["", "(no %s)"])
@pytest.mark.parametrize("form", FORMS)
def test_every_value_is_found_and_written_as_django_does(form: str, invalid: str) -> None:
    for path in PATHS:
        quick, plain = both(form % path, string_if_invalid=invalid)
        assert quick.render(Context(VALUES)) == plain.render(Context(VALUES)), path


@pytest.mark.parametrize("path", ["thing.broken", "thing.broken.name"])
def test_error_of_a_property_is_raised_as_django_raises_it(path: str) -> None:
    for template in both(f"{{{{ {path} }}}}"):
        with pytest.raises(AttributeError, match="inside"):
            template.render(Context(VALUES))


def test_name_that_is_set_later_hides_the_one_before() -> None:
    source = "{% for word in list %}{{ word }}{{ forloop.counter }} {% endfor %}{{ word }}"
    assert [template.render(Context(VALUES)) for template in both(source)] == ["zero1 &lt;one&gt;2 plain"] * 2


def test_name_of_the_context_itself_is_not_a_value() -> None:
    for template in both("{{ dicts }}{{ push }}"):
        assert template.render(Context({})) == ""


def test_plain_value_is_written_the_short_way() -> None:
    (node,) = engine(sources={"it": "{{ facts.name }}"}).get_template("it").nodelist
    assert isinstance(node, Value)
    assert isinstance(node.filter_expression.var, Path)
    assert node.render_annotated(Context(VALUES)) == "&lt;in a dict&gt;"
    assert type(node.render_annotated(Context({"facts": {"name": mark_safe("<b>")}}))) is SafeString


@pytest.mark.parametrize("source", ["{{ 'words' }}", "{{ _('Main') }}", "{{ 5 }}"])
def test_what_is_no_variable_stays_as_it_is(source: str) -> None:
    (node,) = engine(sources={"it": source}).get_template("it").nodelist
    assert type(node) is VariableNode
