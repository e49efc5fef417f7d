"""What stands in clear of an opened tip: written for all at once, and never for one that is gone."""

from collections.abc import Callable

from reports.domain.tips import opening
from reports.models import Entry, Tip

type Send = Callable[..., Tip]


def test_each_of_many_tips_gets_its_own_facts(send, caseworker, keys):
    told = [("street", "wolverton", ""), ("home", "", "an-appeal"), ("", "olney", ""), ("", "", "")]
    tips = [send(kind=kind, area=area, appeal=appeal) for kind, area, appeal in told]
    untouched = send(kind="street")
    Entry.objects.filter(tip=untouched).update(opened=True)
    assert opening.open_new(by=caseworker, keys=keys) == len(tips)
    found = {tip.pk: (tip.category, tip.area, tip.appeal, tip.opened) for tip in Tip.objects.all()}
    assert [found[tip.pk] for tip in tips] == [(*facts, True) for facts in told]
    assert found[untouched.pk] == ("", "", "", False)
