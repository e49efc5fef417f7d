"""A rate limit lets a burst pass, then so many a minute, whoever asks."""

import time

from reports.domain.intake.rate_limit import RateLimit


def test_takes_a_burst_and_then_as_many_as_flow_in(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    limit = RateLimit(rate=60, burst=2)
    assert [limit.take() for _ in range(3)] == [True, True, False]
    now = 1001.0
    assert [limit.take() for _ in range(2)] == [True, False]
    assert limit.take(cost=0), "what costs nothing passes when it is empty"
    now = 2000.0
    assert [limit.take(cost) for cost in (0, 1, 0, 1, 1)] == [True, True, True, True, False]
