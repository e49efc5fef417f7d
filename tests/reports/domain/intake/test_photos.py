import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reports.domain.errors import BadPicture
from reports.domain.intake import photos
from tests.reports import pictures


def refusal(raw):
    with pytest.raises(BadPicture) as caught:
        photos.clean(raw)
    return str(caught.value)


def child(folder, script):
    path = folder / "child.py"
    path.write_text(script)
    return path


def test_a_child_that_crashes_means_a_damaged_picture(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "newsroom.imaging.decode.CHILD",
        child(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"),
    )
    assert refusal(b"").startswith(str(photos.REFUSALS["broken"]))


def test_a_child_that_says_nothing_we_know_is_our_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "newsroom.imaging.decode.CHILD", child(tmp_path, "import sys; sys.exit('Traceback')")
    )
    assert refusal(b"") == photos.BUSY


def test_a_child_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "newsroom.imaging.decode.CHILD", child(tmp_path, "import time; time.sleep(60)")
    )
    monkeypatch.setattr(photos, "TIMEOUT", 0.1)
    assert refusal(b"").startswith(str(photos.REFUSALS["slow"]))


# Says how many run now: once there are two, and a third has had the time to begin.
HOW_MANY = """
import os, pathlib, time
here = pathlib.Path(__file__).parent
(here / f"{os.getpid()}.begun").touch()
while len(list(here.glob("*.begun"))) < 2:
    time.sleep(0.01)
time.sleep(0.1)
print(len(list(here.glob("*.begun"))) - len(list(here.glob("*.ended"))))
(here / f"{os.getpid()}.ended").touch()
"""


def test_two_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr("newsroom.imaging.decode.CHILD", child(tmp_path, HOW_MANY))
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(int, pool.map(photos.clean, [b""] * 6)))
    assert max(together) == 2


def test_a_picture_that_waits_too_long_for_its_turn_is_told_so(monkeypatch):
    monkeypatch.setattr(photos, "PATIENCE", 0.01)
    monkeypatch.setattr(photos, "_turns", threading.BoundedSemaphore(1))
    with photos._turns:
        assert refusal(pictures.telling_jpeg("")) == photos.BUSY
    assert photos.clean(pictures.telling_jpeg(""))


def test_the_child_sees_neither_our_environment_nor_our_folders(tmp_path, monkeypatch):
    secret = secrets.token_hex(12)
    monkeypatch.setenv("SECRET_KEY", secret)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "PIL.py").write_text("raise SystemExit('taken over')")
    script = "import os, sys; import PIL.Image; print(os.environ, sys.path, os.getcwd(), os.listdir('/proc/self/fd'))"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr("newsroom.imaging.decode.CHILD", child(tmp_path / "elsewhere", script))
    seen = photos.clean(b"").decode()
    assert secret not in seen
    assert str(tmp_path) not in seen
    assert "PATH" not in seen
    assert "['0', '1', '2', '3']" in seen  # 3 is the listing itself


def sized(size):
    """Return a picture of so many bytes."""
    raw = pictures.encode(pictures.gradient(), "JPEG")
    return raw + bytes(size - len(raw))


def test_a_picture_of_exactly_the_most_bytes_is_cleaned():
    assert pictures.decode(photos.clean(sized(photos.MAX_BYTES))).size == (240, 160)


KIND = "This file is not a JPEG, PNG or WebP picture. Send a JPEG copy."


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            sized(photos.MAX_BYTES + 1),
            "This picture is too large (8.0\xa0MB). Send one of at most 8 MB.",
        ),
        (b"<svg/>", KIND),
        (pictures.encode(pictures.gradient(), "GIF"), KIND),
        (
            pictures.png_bomb((30000, 30000)),
            "This picture has too many pixels. Send a smaller copy.",
        ),
        (
            pictures.telling_jpeg("")[:-3000],
            "This picture is damaged and we cannot open it. Choose it again.",
        ),
    ],
    ids=["large", "svg", "gif", "bomb", "cut"],
)
def test_what_cannot_be_taken_is_refused_with_what_to_do(raw, said):
    assert (
        refusal(raw) == f"{said} If you take a screenshot, crop it so that only the picture shows."
    )
