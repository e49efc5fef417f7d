"""Every address of desk and site, with real objects in it, and what is asked of each."""

import re
from typing import NamedTuple

from django.contrib import admin
from django.urls import get_resolver

from newsroom.domain import public_pages
from reports.admin.people import roles
from reports.models import ChangedAnswer, Message, SafetyDecision, Tip, UrgentCall

Samples = dict[str, object]

OTHERS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
# Where no pattern team leads, and what varies by what is asked.
ODD = (
    *("/no-such/", "/admin/no-such/", "/admin", "/healthz", "/healthz/desk"),
    "/search/?q=zzheadline",
    "/search/?q=q",
)
KEYED = {  # whose own addresses name one; all others name a tip
    "reports/referral/draft/tip/": "tip",
    "reports/referral/draft/enquiry/": "enquiry",
    **{room: room for room in ("reports/enquiry/", "reports/outcome/", "reports/referral/")},
}

ROWS = {  # of a tip, by the act on one of them
    "take-back": Message,
    "undo-answer": ChangedAnswer,
    "look": SafetyDecision,
    "review": UrgentCall,
    "mistake": UrgentCall,
}
NO_ROW = "00000000-0000-4000-8000-000000000000"


class Ask(NamedTuple):
    """One request: the name of its address (none on the public side), its method and where it goes."""

    name: str
    method: str
    url: str


def fill(pattern):
    """Return an address for a URL pattern, with something in each of its places."""
    samples = {"page": "2", "month": "2026/11", "int": "1", "uuid": NO_ROW}
    return "/" + re.sub(
        "<([^>:]+:)?[^>]+>", lambda found: samples.get((found[1] or "")[:-1], "no-such"), pattern
    )


def samples_of(*, tip, user, enquiry):
    """Return a real object for each kind of address: these, and the first row of every other model."""
    entry = tip.entries.order_by("position").last()
    assert entry is not None
    found = {"tip": tip.pk, "entry": entry.pk, "user": user.pk, "enquiry": enquiry.pk}
    for model in admin.site._registry:
        row = tip if model is Tip else model._default_manager.order_by("pk").first()
        found[f"{model._meta.app_label}/{model._meta.model_name}/"] = row.pk if row else 0
    for act, model in ROWS.items():
        row = model.objects.filter(tip=tip).first()
        found[act] = row.pk if row else NO_ROW
    return found


def where(address, samples):
    """Return an address with real objects in it."""
    stories = address.pattern.startswith("newsroom/article/")
    kinds = {
        "path:object_id": next(
            (pk for room, pk in samples.items() if address.pattern.startswith(room)), ""
        ),
        "uuid:pk": samples[
            next(
                (kind for start, kind in KEYED.items() if address.pattern.startswith(start)), "tip"
            )
        ],
        "uuid:enquiry": samples["enquiry"],
        "uuid:entry": samples["entry"],
        "uuid:row": samples.get(address.pattern.rstrip("/").rpartition("/")[2], NO_ROW),
        "int:pk": next(
            (pk for room, pk in samples.items() if address.pattern.startswith(room)),
            samples["user"],
        ),
        "int:number": 1 if stories else 0,
    }
    return "/admin/" + re.sub(
        "<([^>]+)>", lambda found: str(kinds.get(found[1], "0")), address.pattern
    )


def of_the_desk(
    samples,
    *,
    methods=roles.BOTH,
    others=(),
    under="",
):
    """Yield what is asked of each address whose name begins so; `others` where nobody gets in by these methods."""
    for address in roles.addresses():
        if address.name.startswith(under):
            more = () if any(is_open(address, method) for method in roles.BOTH) else others
            yield from (
                Ask(address.name, method, where(address, samples)) for method in (*methods, *more)
            )


def is_open(address, method="POST"):
    """Return whether anybody gets in at an address by this method."""
    return address.rights.get(method, roles.NOBODY) != roles.NOBODY


def of_the_site(*, methods=("GET",)):
    """Yield what is asked of every public address: each pattern, each page that there is, and some that are none.

    What residents read is asked for in Urdu too, which may be offered or not.
    """
    residents = [fill(str(one.pattern)) for one in get_resolver("reports.urls").url_patterns]
    news = [fill(str(one.pattern)) for one in get_resolver("newsroom.urls").url_patterns]
    paths = dict.fromkeys([*residents, *(f"/ur{path}" for path in residents), *news])
    paths |= dict.fromkeys(page.path for page in public_pages.all_pages())
    for path in (*paths, *ODD):
        yield from (Ask("", method, path) for method in methods)
