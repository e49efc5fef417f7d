"""Constant parts of templates are rendered once, and a folded template says what Django's own would."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Engine, Template
from django.template.base import NodeList, TextNode
from django.template.defaulttags import WithNode
from django.template.loaders import cached
from django.urls import NoReverseMatch

from config import folding

LIBRARIES = {"i18n": "django.templatetags.i18n", "static": "django.templatetags.static"}
SOURCES = {
    "base": "{% load i18n %}<p>{% translate 'Main' %} 100%</p>{% block content %}{% translate '<b>' %}{% endblock %}",
    "page": "{% extends 'base' %}{% load i18n static %}{% block content %}{{ block.super }}"
    "<a href=\"{% url 'front' %}\">{% blocktranslate %}All 100% of it{% endblocktranslate %}</a>"
    "{% if shown %}<img src=\"{% static 'a b.svg' %}\">{% else %}{% translate 'Nothing' %}{% endif %}"
    "{% for one in many %}{% translate 'Item' %} {{ one }} {% include 'part' %}"
    "{% empty %}{% translate 'None' %}{% endfor %}"
    "{% with x=1 %}{% translate 'With' %}{% endwith %}{% endblock %}",
    "part": "{% load i18n %}{% translate 'Part' %}",
}
ALIVE = {
    "variable in a blocktranslate": "{% blocktranslate %}By {{ name }}{% endblocktranslate %}",
    "counted": "{% blocktranslate count n=name|length %}One{% plural %}Many{% endblocktranslate %}",
    "kept for later": "{% translate 'Main' as word %}{{ word }}",
    "variable": "{% translate name %}",
    "filtered": "{% translate 'Main'|upper %}",
    "address of two variables": "{% url 'month' year month %}",
    "address kept for later": "{% url 'article' name as it %}{{ it }}",
    "address within a namespace": "{% url 'admin:index' %}",
    "file of a variable": "{% static name %}",
}


def engine(loader: str = "config.folding.Loader", sources: dict[str, str] = SOURCES) -> Engine:
    """Return an engine with these templates."""
    locmem = ("django.template.loaders.locmem.Loader", sources)
    return Engine(loaders=[(loader, [locmem])], libraries=LIBRARIES)


def said(template: Template, **values: Any) -> str:
    return template.render(Context(values))


CASES: list[dict[str, Any]] = [{}, {"shown": True}, {"many": ["<", "&"]}, {"shown": True, "many": [1]}]


@pytest.mark.parametrize("values", CASES)
def test_folded_template_says_what_it_said_before(values: dict[str, Any]) -> None:
    plain = engine("django.template.loaders.cached.Loader").get_template("page")
    folded = engine().get_template("page")
    for _ in range(2):
        assert said(folded, **values) == said(plain, **values)


def test_constant_parts_become_one_text() -> None:
    source = SOURCES["part"] + " {% url 'front' %}{# nothing #} {% load static %}{% static 'css/site.css' %}"
    folded = engine(sources={"part": source}).get_template("part")
    assert [type(node) for node in folded.nodelist] == [TextNode]
    assert said(folded) == "Part / /static/css/site.css"


@pytest.mark.parametrize("kind", ALIVE)
def test_what_may_differ_between_two_pages_stays_alive(kind: str) -> None:
    source = "{% load i18n static %}" + ALIVE[kind]
    folded, plain = (
        engine(loader, {"it": source}).get_template("it")
        for loader in ("config.folding.Loader", "django.template.loaders.cached.Loader")
    )
    pairs = list(zip(folded.nodelist[1:], plain.nodelist[1:], strict=True))
    assert all(isinstance(one, type(other)) for one, other in pairs)
    if kind != "address within a namespace":
        values = {"name": "front", "year": 2024, "month": 3}
        assert said(folded, **values) == said(plain, **values)


@pytest.mark.parametrize("word", ["a-story", "2024", "<b>", "é", "", 7, None])
def test_address_with_one_word_is_what_django_makes_of_it(word: object) -> None:
    source = "{% url 'article' word %}"
    answers = []
    for loader in ("config.folding.Loader", "django.template.loaders.cached.Loader"):
        try:
            answers.append(said(engine(loader, {"it": source}).get_template("it"), word=word))
        except NoReverseMatch:
            answers.append("refused")
    assert answers[0] == answers[1]


def test_address_with_a_slug_is_looked_up_once() -> None:
    (node,) = engine(sources={"it": "{% url 'article' word %}"}).get_template("it").nodelist
    assert node.render(Context({"word": "a-story"})) == "/news/a-story/"
    assert (vars(node)["before"], vars(node)["behind"]) == ("/news/", "/")


def test_address_that_this_machine_does_not_have_is_an_error_only_when_it_is_asked_for() -> None:
    source = "{% if wanted %}{% url 'nowhere' %}{% endif %}"
    folded = engine(sources={"it": source}).get_template("it")
    assert said(folded) == ""
    with pytest.raises(Exception, match="nowhere"):
        said(folded, wanted=True)


INCLUDES = {
    "plain": "{% include 'it' with x=name %}{{ x }}",
    "absent": "{% if not name %}{% include 'nowhere' %}{% endif %}",
    "named by a variable": "{% include name %}",
    "on its own": "{% include 'it' with x=name only %}",
    "with a block": "{% include 'blocked' %}",
}


@pytest.mark.parametrize("kind", INCLUDES)
def test_included_template_says_what_it_said_before(kind: str) -> None:
    part = "{% load i18n %}{% translate 'Part' as word %}{{ word }}: {{ x }} {{ name }}"
    sources = {"page": INCLUDES[kind] + "{{ word }}", "it": part, "blocked": "{% block b %}{{ name }}{% endblock %}"}
    folded, plain = (
        engine(loader, sources).get_template("page")
        for loader in ("config.folding.Loader", "django.template.loaders.cached.Loader")
    )
    assert said(folded, name="it") == said(plain, name="it")
    assert isinstance(folded.nodelist[0], WithNode) == (kind == "plain")


def test_template_may_include_itself_or_another_that_includes_it() -> None:
    again = "{{ left }}{% if left %}{% include 'other' with left=0 %}{% endif %}"
    sources = {"again": again, "other": "<{% include 'again' %}>", "page": "{% include 'again' %}{% include 'other' %}"}
    assert said(engine(sources=sources).get_template("page"), left=1) == "1<0><1<0>>"


def test_template_is_folded_once() -> None:
    one = engine()
    first = one.get_template("page")
    nodes = list(first.nodelist)
    assert one.get_template("page") is first
    assert list(first.nodelist) == nodes


def test_site_speaks_one_language_and_folds_its_templates() -> None:
    assert not [name for name in settings.MIDDLEWARE if "locale" in name.lower()]
    (loaders,) = [engine["OPTIONS"]["loaders"] for engine in settings.TEMPLATES]
    assert loaders[0][0] == f"{folding.Loader.__module__}.{folding.Loader.__name__}"
    assert issubclass(folding.Loader, cached.Loader)


def test_who_asks_for_a_template_while_it_is_folded_waits_and_never_sees_it_half_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on, real = threading.Event(), threading.Event(), folding.fold
    shared = engine()

    def slowly(nodes: NodeList, context: Context, within: Engine) -> None:
        begun.set()
        assert go_on.wait(10)
        real(nodes, context, within)

    def seen() -> list[type]:
        return [type(node) for node in shared.get_template("part").nodelist]

    monkeypatch.setattr(folding, "fold", slowly)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(seen)
        assert begun.wait(10)
        second = threads.submit(seen)
        time.sleep(0.1)  # long enough for it to see what it should not
        go_on.set()
        assert (first.result(), second.result()) == ([TextNode], [TextNode])
