"""A language that nobody speaks: each text of the code in brackets, its letters changed, what is filled in kept."""

import ast
import gettext
import re
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

import django
from django.utils.translation.template import templatize

OPEN, CLOSE = "⟦", "⟧"
LETTERS = str.maketrans("AEIOUaeioucnsy", "ÂÊÎÔÛâêîôûçñšý")
FILLED = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]*>|&#?\w+;")  # parts, mark-up and entities stay as they are
PLURAL = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"

# How many texts a call has, after how many contexts.
CALLS = {
    name + lazy: counts
    for name, counts in {"gettext": (1, 0), "ngettext": (2, 0), "pgettext": (1, 1), "npgettext": (2, 1)}.items()
    for lazy in ("", "_lazy")
} | {"_": (1, 0), "gettext_noop": (1, 0)}
TEXT = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
IN_TEMPLATE = re.compile(rf"\b(n?p?gettext|_)\((u?{TEXT}(?:, u?{TEXT})*)")

DJANGO = Path(django.__file__).parent
OF_DJANGO = ("contrib/admin", "contrib/auth", "contrib/contenttypes", "core", "db/models", "forms", "utils", "views")

Message = tuple[str | None, tuple[str, ...]]  # its context, and its text with perhaps a plural


def of_python(source: str) -> Iterator[Message]:
    """Yield what a module lets translate, as makemessages finds it."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        texts = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if name in CALLS and len(texts) >= sum(CALLS[name]):
            yield _message(name, texts)


def of_template(source: str) -> Iterator[Message]:
    """Yield what a template lets translate."""
    for name, texts in IN_TEMPLATE.findall(templatize(source)):
        yield _message(name, list(ast.literal_eval(f"({texts},)")))


def _message(name: str, texts: list[str]) -> Message:
    count, contexts = CALLS[name]
    return (texts[0] if contexts else None), tuple(texts[contexts : contexts + count])


def messages(*roots: Path) -> set[Message]:
    """Return every text below these folders that can be translated."""
    found: set[Message] = set()
    for root in roots:
        for path in root.rglob("*"):
            if path.suffix == ".py" and "migrations" not in path.parts:
                found |= set(of_python(path.read_text(encoding="utf-8")))
            elif path.suffix in (".html", ".txt", ".xml") and "templates" in path.parts:
                found |= set(of_template(path.read_text(encoding="utf-8")))
    return {message for message in found if message[1][0]}


def strange(text: str) -> str:
    """Return a text in the language that nobody speaks."""
    kept = FILLED.findall(text)
    plain = [part.translate(LETTERS) for part in FILLED.split(text)]
    return OPEN + "".join(part for pair in zip(plain, [*kept, ""], strict=True) for part in pair) + CLOSE


def write(folder: Path, language: str, known: Iterable[Message]) -> None:
    """Write a catalogue of these messages for a language, in GNU's binary form, where Django looks for it."""
    catalogue = {b"": PLURAL.encode()}
    for context, texts in known:
        key = "\0".join(texts) if context is None else f"{context}\x04" + "\0".join(texts)
        catalogue[key.encode()] = "\0".join(map(strange, texts)).encode()
    path = folder / language / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(_binary(sorted(catalogue.items())))
    with path.open("rb") as file:
        gettext.GNUTranslations(file)  # which says so if it is not


def _binary(pairs: list[tuple[bytes, bytes]]) -> bytes:
    """Return a .mo file: a head, a table of lengths and places for the keys, one for the values, then all texts."""
    texts = [key for key, _value in pairs] + [value for _key, value in pairs]
    tables, at = b"", 28 + 8 * len(texts)
    for text in texts:
        tables += struct.pack("<II", len(text), at)
        at += len(text) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + tables + b"".join(text + b"\0" for text in texts)
