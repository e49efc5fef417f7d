"""Each bench still runs, and prints its ratios. How large they are, nobody asks here."""

import re
import subprocess
import sys

import pytest

from tests.system.harness.homes import ROOT

TABLE = re.compile(
    r"^(\S[\w ]*?)  +[\d.]+ +[\d.]+ +([\d.]+)$", re.MULTILINE
)  # a page, both sides in ms, the ratio


def said(name):
    """Return what a bench prints when it does everything once."""
    command = [sys.executable, "-m", "tests.bench", name, "--brief"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.whole
@pytest.mark.parametrize(
    ("name", "pages"),
    [
        ("news", ["article"]),
        ("submit", ["form", "whole tip"]),
        ("desk", ["first screen", "queue", "tip page", "search", "audit log", "dashboard"]),
    ],
)
def test_a_bench_prints_a_ratio_for_each_page(name, pages):
    ratios = {page: float(ratio) for page, ratio in TABLE.findall(said(name))}
    assert list(ratios) == pages
    assert min(ratios.values()) > 0


@pytest.mark.whole
def test_the_bench_of_the_mailbox_prints_its_largest_t_and_those_of_its_controls():
    assert len(re.findall(r"the largest is [\d.]*\d", said("mailbox"))) == 3
