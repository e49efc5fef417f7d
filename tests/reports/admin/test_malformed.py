"""Addresses with an id that cannot be one: not found, or sent back, and never an error of ours."""

import re

import pytest

from reports.admin.people import roles
from tests.reports.admin.conftest import sign_in

NO_ID = (
    "no-uuid",
    "0",
    "-1",
    "9" * 30,
    "1" * 32,
    "None",
    "_5F",
    "_2F",
    "%00",
    "%F0%9F%98%80",
    "..%2f",
    "x" * 3_000,
)
IDS = {"uuid": ("00000000-0000-4000-8000-000000000000",), "int": ("0", "9" * 30)}


def filled(path, tries):
    """Yield the address with ids that nothing has, of the kind that each bracket takes, and of none.

    There are `tries` at most; each address begins with another of them, so that all are tried somewhere.
    """
    kinds = set(re.findall(r"<(\w+):", path))
    count, first = max(len(IDS.get(kind, NO_ID)) for kind in kinds), len(path)
    for number in range(first, first + min(count, tries)):

        def some(found, number=number):
            known = IDS.get(found[1], NO_ID)
            return known[number % len(known)]

        yield re.sub(r"<(\w+):\w+>", some, path)


@pytest.mark.parametrize("part", range(4))
def test_address_with_an_id_that_nothing_has_is_not_found_or_sent_back(
    part, team_lead, passphrase, whole
):
    browser = sign_in(team_lead)
    browser.raise_request_exception = False
    paths = {f"/admin/{address.pattern}" for address in roles.addresses() if "<" in address.pattern}
    for path in sorted(paths)[part::4]:
        for address in filled(path, tries=len(NO_ID) if whole else 1):
            for ask in (browser.get, browser.post):
                assert ask(address).status_code in (301, 302, 303, 403, 404, 405), address
