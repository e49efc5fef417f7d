"""A bucket takes so many at once and then so many a minute, whoever comes."""

import time

import pytest

from reports.domain.intake.rate_limit import Bucket


def test_takes_a_burst_and_then_as_many_as_flow_in(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    bucket = Bucket(rate=60, burst=2)
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    now = 1001.0
    assert [bucket.take() for _ in range(2)] == [True, False]
    now = 2000.0
    assert [bucket.take() for _ in range(3)] == [True, True, False]
