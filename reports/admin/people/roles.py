"""Which role may do what at which address: what docs/roles.md shows, and what a test holds against every request.

Each view carries the rights that it asks for; of the pages that Django's admin makes of a model its ModelAdmin says it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.urls import URLPattern, URLResolver

from core.rights import BOTH, EVERYBODY, STAFF
from reports.domain.rights import ROLES

NOBODY = "nobody"
# Django's pages of one model: the right for looking and the right for sending, as words of the model's own.
OF_A_MODEL = {
    "changelist": ("view", "view"),
    "add": ("add", "add"),
    "change": ("view", "change"),
    "history": ("view", "view"),
    "delete": ("delete", "delete"),
}
# Its views for every member that this project does not override.
OF_DJANGO: dict[str, dict[str, str]] = {
    name: {"GET": STAFF} for name in ("password_change_done", "jsi18n")
}
DJANGOS = (
    "view_on_site",
    "app_list",
    "autocomplete",
    "",
)  # its own small ones, for members: they show no model


class Address(NamedTuple):
    """One address of the desk: its name, its pattern, and the right that each method asks for."""

    name: str
    pattern: str
    rights: Mapping[str, str]

    def open_to(self, role: str | None, method: str) -> bool:
        """Return whether somebody with this role (None: not signed in) gets in with this method."""
        right = self.rights.get(method, NOBODY)
        if role is None:
            return right == EVERYBODY
        return right in (EVERYBODY, STAFF) or right in ROLES[role]


class WithoutRight(LookupError):
    """A view that does not say which right it asks for."""


def addresses() -> Iterator[Address]:
    """Yield every address of the desk; raises WithoutRight for one whose view does not say who gets in."""
    for pattern, view in _patterns(admin.site.get_urls()):
        name = view.name or ""
        if name not in DJANGOS:
            rights = (
                getattr(view.callback, "rights", None)
                or OF_DJANGO.get(name)
                or _of_a_model(name, view)
            )
            yield Address(name, pattern, rights)


def _of_a_model(name: str, pattern: URLPattern) -> dict[str, str]:
    model_admin: ModelAdmin[Any] | None = getattr(pattern.callback, "model_admin", None)
    kind = name.rpartition("_")[2]
    if model_admin is None or kind not in OF_A_MODEL:
        raise WithoutRight(
            f"The view of {name} does not say which right it asks for: see core/rights.py."
        )
    return {
        method: _right(model_admin, act) for method, act in zip(BOTH, OF_A_MODEL[kind], strict=True)
    }


def _right(model_admin: "ModelAdmin[Any]", act: str) -> str:
    """Return the right that an act on a model asks for: its ModelAdmin's own, else nobody's where that refuses all."""
    if own := getattr(model_admin, "rights", {}).get(act):
        return str(own)
    method = f"has_{act}_permission"
    if act != "view" and getattr(type(model_admin), method) is not getattr(ModelAdmin, method):
        return NOBODY
    meta = model_admin.model._meta  # noqa: SLF001 - Django's public name
    return f"{meta.app_label}.{act}_{meta.model_name}"


def _patterns(
    urls: "Sequence[URLPattern | URLResolver]", before: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for url in urls:
        here = before + str(url.pattern)
        if isinstance(url, URLResolver):
            yield from _patterns(url.url_patterns, here)
        else:
            yield here, url
