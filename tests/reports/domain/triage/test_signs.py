"""What a list says beside each tip: right, hidden from who may not see it, and a bounded number of queries."""

from datetime import timedelta

from django.utils import timezone

from reports.domain import enquiries, triage
from reports.domain.tips import opening, recusal
from reports.domain.triage import relations
from reports.domain.triage.signs import Signs, signs
from reports.models import Label, Verdict


def beside(tip, by, *, later=timedelta(0)) -> Signs:
    return signs(tips=[tip], by=by, now=timezone.now() + later)[tip.pk]


def test_labels_enquiries_and_related_tips_stand_beside_a_tip(send, officer, lead):
    tip, *others = [send() for _ in range(4)]
    for name in ("rumour mill", "Garages"):
        triage.label(tip=tip, label=Label.objects.create(name=name), by=officer)
    enquiry = enquiries.begin(codename="Quiet Lantern", by=lead)
    enquiries.link(tip=tip, enquiry=enquiry, by=officer)
    for other, verdict in zip(others, (Verdict.RELATED, Verdict.INDEPENDENT, Verdict.DISMISSED), strict=True):
        relations.judge(tip=tip, other=other, verdict=verdict, reason="Different streets.", by=officer)
    found = beside(tip, officer)
    assert (found.labels, found.enquiries) == (["Garages", "rumour mill"], [enquiry.codename])
    assert found.related == 2, "a pair that is not related does not count"
    assert beside(others[2], officer) == Signs()
    assert signs(tips=[], by=officer, now=timezone.now()) == {}
    recusal.Recusal.objects.create(tip=others[0], user=officer, key_index=1, sealed=b"")
    assert (beside(others[1], officer).related, beside(others[1], lead).related) == (0, 1), "by way of a hidden one"


def test_colleague_who_read_a_tip_lately_is_named_for_ten_minutes(send, officer, lead, keys):
    tip, other = send(), send()
    opening.read(tip=tip, by=officer, keys=keys)
    assert list(beside(tip, lead).readers) == ["olu"]
    assert beside(tip, officer).readers == {}, "not to themself"
    assert beside(other, lead).readers == {}
    assert beside(tip, lead, later=timedelta(minutes=11)).readers == {}
