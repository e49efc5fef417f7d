"""Whoever writes to the database can seal anything to the desk: a row of a wrong shape stops no page, and says so."""

import uuid

import pytest
from django.apps import apps

from reports.domain import state_files
from reports.domain.keys import sealed
from reports.models import (
    Arrival,
    ChangedAnswer,
    ClosedPictures,
    Confirmation,
    Denial,
    Digest,
    Draft,
    Enquiry,
    Entry,
    ExportedPart,
    Grading,
    Hold,
    Message,
    Note,
    Recusal,
    Referral,
    ReferralResult,
    Relation,
    SafetyDecision,
    Search,
    Translation,
    UrgentCall,
    Wording,
)
from reports.sealing import envelope
from tests.reports.admin.conftest import sign_in, unlock_with

SAYS = "This cannot be unlocked, or it does not belong here."
TIP, QUEUE, SEARCH = "reports/tip/{tip}/change/", "reports/tip/", "POST search/"
RELATED, REFERRAL = "reports/tip/{tip}/related/", "reports/referral/{referral}/change/"
DANGER = "reports/tip/danger/"
# Where each table is opened; its page that has to say something comes first, and then what it says.
PAGES = {
    Entry: ([TIP, QUEUE, SEARCH, RELATED, REFERRAL, DANGER], "A part that we cannot open"),
    Note: ([TIP, QUEUE, SEARCH], SAYS),
    Wording: ([TIP, SEARCH, REFERRAL], SAYS),
    Translation: ([TIP, SEARCH, REFERRAL], SAYS),
    Grading: ([TIP, REFERRAL], SAYS),
    Denial: ([TIP, REFERRAL, "reports/enquiry/{enquiry}/change/"], SAYS),
    UrgentCall: ([TIP, QUEUE, DANGER], SAYS),
    SafetyDecision: ([TIP, DANGER], SAYS),
    ClosedPictures: (["reports/tip/{beside}/change/"], SAYS),
    ChangedAnswer: (["reports/tip/{beside}/change/", QUEUE, SEARCH], "<b>no</b>"),
    Hold: (["POST reports/tip/deletions/"], SAYS),
    Recusal: (["POST reports/tip/recusals/"], SAYS),
    Relation: ([RELATED, TIP], SAYS),
    Referral: ([REFERRAL, TIP], SAYS),
    Confirmation: ([REFERRAL], SAYS),
    ReferralResult: (["reports/referral/{referral}/result/"], SAYS),
    Enquiry: (["reports/enquiry/{enquiry}/change/", TIP], SAYS),
    Message: ([TIP], SAYS),
    Search: (["POST searches/"], SAYS),
}
# Becomes an entry; sealed under a key that no desk.pub has; signed; not opened unless it is as its event names it.
OTHERS = {Arrival, Digest, Draft, ExportedPart}


def wrong(content, *, whole):
    """Yield contents of other shapes, and one of the right shape that holds what nobody can have typed or chosen."""
    yield {}
    yield {name: {"a": [1]} for name in content}
    yield {
        name: "half a pair: \ud800" if isinstance(value, str) else value
        for name, value in content.items()
    }
    if whole:
        others = (None, 1, [], {}, [[]])
        yield from (dict.fromkeys(content, other) for other in others)
        yield from (content | {name: {"a": [1]}} for name in content)
        yield content | {"more": 1}


def ask(client, address, **where):
    """Return the page at an address; one that fails raises."""
    path = f"/admin/{address.removeprefix('POST ').format(**where)}"
    response = (
        client.post(path, {"words": "zzvan"}) if address.startswith("POST") else client.get(path)
    )
    assert response.status_code == 200, (path, response.status_code)
    return response.content.decode()


def test_every_sealed_table_is_tried():
    with_sealed = {
        model for model in apps.get_app_config("reports").get_models() if hasattr(model, "bound")
    }
    assert with_sealed == {*PAGES, *OTHERS}


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_a_row_of_a_wrong_shape_stops_no_page_and_says_so(desk, model, whole):
    client = sign_in(desk.boss)
    unlock_with(client, desk.keys)
    referral = Referral.objects.get()
    if model is Confirmation:
        confirmed = Confirmation(id=uuid.uuid4(), referral=referral, author="olu")
        sealed.fill(confirmed, {"reference": "zz1", "who": "zzdesk"})
        confirmed.save(force_insert=True)
    pages, says = PAGES[model]
    where = {"tip": desk.tip.pk, "beside": desk.beside.pk, "referral": referral.pk}
    where |= {"enquiry": Enquiry.objects.get().pk}
    if model is not Entry:
        assert says not in ask(client, pages[0], **where)  # the control
    row = desk.tip.entries.first() if model is Entry else model.objects.get()
    content = envelope.open_sealed(
        bytes(row.sealed), identities=desk.keys.identities, bound=row.bound()
    ).content
    for number, shape in enumerate(wrong(content, whole=whole)):
        again = envelope.seal(
            envelope.Bundle(row.bound(), shape), recipients=[state_files.public_key().recipient]
        )
        model.objects.filter(pk=row.pk).update(sealed=again)
        texts = [ask(client, address, **where) for address in pages]
        if number < 2:  # the third is of the right shape, and others may be
            assert says in texts[0], shape
