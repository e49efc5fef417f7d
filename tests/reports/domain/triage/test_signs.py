"""What a list says beside each tip: right, and hidden from who may not see it."""

from datetime import timedelta

from reports.domain.tips import opening, recusal
from reports.domain.triage import relations, signs
from reports.models import Verdict


def test_related_tips_are_counted_without_those_that_are_hidden(send, officer, lead):
    tip, *others = [send() for _ in range(4)]
    for other, verdict in zip(others, (Verdict.RELATED, Verdict.INDEPENDENT, Verdict.DISMISSED), strict=True):
        relations.judge(tip=tip, other=other, verdict=verdict, reason="Different streets.", by=officer)
    assert signs.related(tips=[tip], by=officer)[tip.pk] == 2, "a pair that is not related does not count"
    assert signs.related(tips=others, by=officer)[others[2].pk] == 0
    recusal.Recusal.objects.create(tip=others[0], user=officer, key_index=1, sealed=b"")
    assert [signs.related(tips=others, by=by)[others[1].pk] for by in (officer, lead)] == [0, 1]


def test_colleague_who_read_a_tip_lately_is_named_for_ten_minutes(send, officer, lead, keys, monkeypatch):
    tip, other = send(), send()
    opening.read(tip=tip, by=officer, keys=keys)
    assert signs.readers(tip=tip, by=lead) == ["olu"]
    assert signs.readers(tip=tip, by=officer) == signs.readers(tip=other, by=lead) == [], "not to themself"
    monkeypatch.setattr(signs, "LATELY", timedelta(0))
    assert signs.readers(tip=tip, by=lead) == []
