"""Files made to hurt: the server keeps its memory and its time, and nothing but pixels is stored of what it takes."""

import resource
import subprocess
import sys
import time
from dataclasses import dataclass, field

import pytest
from PIL import Image

from newsroom.imaging import child
from tests.reports import pictures
from tests.system.harness.homes import marker
from tests.system.harness.resident import AGED, SENT, Resident
from tests.system.harness.server import Server, memory
from tests.system.proofs.hunt import Hunter

MOST = 50  # MB that a worker may hold more at its worst
LONGEST = 10.0  # seconds of processor time of a child
CHILD = [sys.executable, "-I", "-B", str(child.__file__)]
MARKUP = b"<!DOCTYPE html><script>alert(1)</script>"
WEBP = (
    b"RIFF\x30\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0" + b"\xff\x3f\0" * 2 + bytes(40)
)  # claims 16,384 pixels each way


@dataclass
class Outcome:
    """What hostile files did to a server."""

    sent: int = 0
    answered: int = 0
    growth: float = 0.0  # MB of the worker that grew most, at its worst
    stored: list[bytes] = field(default_factory=list)


def bombs():
    """Yield small files that unfold to much, or that claim to."""
    yield from (
        pictures.png_bomb(size)
        for size in ((30_000, 30_000), (8_000, 5_001), (2**31 - 1, 2**31 - 1))
    )
    yield WEBP
    yield pictures.encode(
        Image.new("RGB", (8_000, 5_000)), "PNG"
    )  # 40 megapixels: the most that is taken
    yield pictures.encode(Image.new("RGBA", (8_000, 5_000)), "WEBP", method=0)
    yield pictures.encode(Image.new("RGB", (8_000, 5_000)), "JPEG", progressive=True)
    yield pictures.png_bomb((7_000, 5_000))  # few enough pixels, and a stream that says less


def polyglots(mark):
    """Yield files that are two things at once, or hold more than pixels, with a mark in each other part."""
    text = mark.encode()
    for make in (pictures.telling_jpeg, pictures.telling_png, pictures.telling_webp):
        yield make(mark)
        yield make(mark) + b"PK\x03\x04" + text + MARKUP
    yield pictures.encode(pictures.gradient(), "JPEG", comment=b"*/=1;/*" + MARKUP + text)
    yield MARKUP + text + pictures.encode(pictures.gradient(), "JPEG")
    yield b"%PDF-1.7\n" + text + pictures.encode(pictures.gradient(), "PNG")
    yield b'<svg xmlns="http://www.w3.org/2000/svg"><text>' + text + b"</text></svg>"
    yield pictures.encode(pictures.gradient(), "GIF", comment=text)
    yield b"GIF89a/*" + text + MARKUP


def sent(home, files, *, app="config.wsgi"):
    """Send files as pictures of a tip, five at a time; one honest picture went before."""
    outcome, resident_files = Outcome(), [files[at : at + 5] for at in range(0, len(files), 5)]
    with Server(home, "--workers", "1", app=app) as server:
        resident = Resident(server.port, timeout=120)
        form = resident.open_form()
        time.sleep(AGED)  # a form sent sooner is offered no pictures
        page = resident.tell({"what": "a grey van"}, form=form)
        resident.show(page, [("one.jpg", pictures.encode(pictures.gradient(), "JPEG"))])
        before = memory(server, anew=True)
        for some in resident_files:
            answer = resident.show(
                page, [(f"{number}.jpg", file) for number, file in enumerate(some)]
            )
            outcome.sent += len(some)
            outcome.answered += len(some) if answer.status == 200 else 0
            assert SENT in answer.text or "error" in answer.text
        after = memory(server)
        assert after.keys() == before.keys(), "a worker died"
        outcome.growth = max(after[pid][0] - before[pid][0] for pid in after)
        assert resident.tell({"what": "and another"}).received
    outcome.stored = home.pictures()
    return outcome


def processor_time(raw):
    """Return the seconds of processor time that a child takes over a file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(CHILD, input=raw, capture_output=True, env={}, cwd="/", check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.promise(
    "machine",
    control="test_a_server_that_decodes_by_itself_and_copies_is_caught",
    name="only-the-picture",
)
@pytest.mark.proof("bombs", goal="a worker under 50 MB more, a child under 10 s, 0 marks left")
def test_hostile_files_cost_little_and_leave_nothing_but_pixels(home, record_property):
    """Files made to hurt leave the server its memory, and nothing but pixels is stored of them."""
    mark = marker()
    files = [*bombs(), *polyglots(mark)]
    outcome, longest = sent(home, files), max(map(processor_time, bombs()))
    hunter = Hunter({"a mark": mark})
    left = [
        one
        for one in outcome.stored
        if mark.encode() in one or MARKUP in one or pictures.notes_in(one)
    ]
    left += list(hunter.look_everywhere(home.state, home.tmp, home.log))
    record_property(
        "figure",
        f"{outcome.sent} files, answered {outcome.answered}; stored as pixels {len(outcome.stored)}; a worker at its "
        f"worst {outcome.growth:+.0f} MB; a child at most {longest:.1f} s of processor time; marks left {len(left)}",
    )
    assert outcome.answered == outcome.sent
    assert len(outcome.stored) > 8
    assert outcome.growth < MOST
    assert longest < LONGEST
    assert left == []


@pytest.mark.proof("bombs", control=True)
def test_a_server_that_decodes_by_itself_and_copies_is_caught(home):
    mark = marker()
    files = [pictures.encode(Image.new("RGB", (8_000, 5_000)), "PNG"), pictures.telling_jpeg(mark)]
    outcome = sent(home, files, app="tests.system.proofs.broken:decodes_by_itself()")
    assert outcome.growth > MOST
    assert any(mark.encode() in one for one in outcome.stored)
