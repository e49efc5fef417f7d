import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from newsroom.imaging import child
from tests.reports import pictures

ROOT = Path(child.__file__).resolve().parents[2]
CHILD = [sys.executable, "-I", "-B", str(ROOT / "newsroom" / "imaging" / "child.py")]
# Runs a program on its own stdin and says the most memory, in kilobytes, that the program ever held.
MEASURE = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdin=0, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def run(raw):
    done = subprocess.run(
        CHILD, input=raw, capture_output=True, env={}, cwd="/", timeout=60, check=False
    )
    return done.returncode, done.stdout, done.stderr


def rebuilt(raw):
    code, out, err = run(raw)
    assert (code, err) == (0, b"")
    return out


def refusal(raw):
    code, out, err = run(raw)
    assert (code, out) == (1, b"")
    return err.decode()


def peak_megabytes(raw):
    measured = subprocess.run(
        [sys.executable, "-I", "-c", MEASURE, *CHILD], input=raw, capture_output=True, check=True
    )
    code, kilobytes = measured.stdout.split()
    return int(code), int(kilobytes) // 1024


def difference(one, other):
    """The mean difference of all samples, 0 to 255."""
    assert one.size == other.size
    stat = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return max(stat.mean)


@pytest.mark.promise(
    "sender", control="test_the_hunt_for_notes_finds_them_in_a_plain_copy", name="only-the-picture"
)
@pytest.mark.parametrize(
    "telling", [pictures.telling_jpeg, pictures.telling_png, pictures.telling_webp]
)
def test_nothing_but_pixels_survives(telling):
    """Nothing but pixels survives in a picture."""
    marker = secrets.token_hex(12)
    raw = telling(marker)
    out = rebuilt(raw)
    assert pictures.notes_in(out) == []
    assert marker.encode() not in out
    assert set(pictures.decode(out).info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "dpi",
    }
    assert difference(pictures.decode(out), pictures.gradient()) < 2


@pytest.mark.parametrize(
    "telling", [pictures.telling_jpeg, pictures.telling_png, pictures.telling_webp]
)
def test_the_hunt_for_notes_finds_them_in_a_plain_copy(telling):
    marker = secrets.token_hex(12)
    original = pictures.decode(telling(marker))
    copy = pictures.encode(
        original.convert("RGB"),
        "JPEG",
        exif=original.getexif(),
        icc_profile=original.info["icc_profile"],
        comment=marker.encode(),
    )
    kinds = [kind for kind, _payload in pictures.notes_in(copy)]
    assert sorted(kinds) == [0xE1, 0xE2, pictures.COM]
    assert copy.count(marker.encode()) >= 3


@pytest.mark.parametrize(
    ("kind", "orientation"), [*(("JPEG", turn) for turn in range(1, 9)), ("PNG", 6), ("WEBP", 6)]
)
def test_orientation_is_applied(kind, orientation):
    options = {} if kind == "PNG" else {"quality": 95}
    raw = pictures.encode(
        pictures.gradient(), kind, exif=pictures.exif(orientation=orientation), **options
    )
    upright = ImageOps.exif_transpose(pictures.decode(raw))
    assert difference(pictures.decode(rebuilt(raw)), upright) < 2
    if orientation > 1:
        assert upright.size != (240, 160) or difference(upright, pictures.gradient()) > 5


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_lies_on_white(mode):
    see_through = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    see_through.paste((0, 0, 0, 255), (0, 0, 32, 64))
    raw = pictures.encode(see_through.convert(mode), "PNG")
    out = pictures.decode(rebuilt(raw))
    assert (out.mode, out.getpixel((8, 8)), out.getpixel((56, 56))) == (
        "RGB",
        (0, 0, 0),
        (255, 255, 255),
    )


def test_a_large_picture_is_scaled_to_the_long_edge():
    original = pictures.gradient((3000, 1500))
    out = pictures.decode(rebuilt(pictures.encode(original, "JPEG")))
    assert out.size == (2560, 1280)
    assert difference(out, original.resize((2560, 1280))) < 2


def test_a_phone_picture_of_two_frames_gives_its_first():
    small = pictures.gradient((60, 40))
    raw = pictures.encode(pictures.gradient(), "MPO", save_all=True, append_images=[small])
    assert difference(pictures.decode(rebuilt(raw)), pictures.gradient()) < 3


def test_a_polyglot_loses_its_other_half():
    marker = secrets.token_hex(12).encode()
    raw = (
        pictures.encode(pictures.gradient(), "JPEG", comment=b"*/=1;/*" + marker)
        + b"PK\x03\x04<script>"
        + marker
    )
    out = rebuilt(raw)
    assert marker not in out
    assert pictures.notes_in(out) == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<html>" + pictures.encode(pictures.gradient(), "JPEG"),
        b"%PDF-1.7\n" + pictures.encode(pictures.gradient(), "PNG"),
        pictures.encode(pictures.gradient(), "GIF"),
    ],
    ids=["empty", "svg", "html-then-jpeg", "pdf-then-png", "gif"],
)
def test_what_is_no_jpeg_png_or_webp_is_refused(raw):
    assert refusal(raw) == child.NOT_A_PICTURE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_picture_is_refused(kind):
    raw = pictures.encode(Image.effect_noise((240, 160), 80).convert("RGB"), kind)
    assert {refusal(raw[: int(len(raw) * kept)]) for kept in (0.02, 0.9)} == {child.BROKEN}


@pytest.mark.parametrize("size", [(30000, 30000), (8000, 5001), (2**31 - 1, 2**31 - 1)])
def test_a_small_file_that_claims_many_pixels_is_refused_without_memory(size):
    raw = pictures.png_bomb(size)
    assert len(raw) < 10_000
    assert refusal(raw) == child.TOO_MANY_PIXELS
    code, megabytes = peak_megabytes(raw)
    assert code == 1
    assert megabytes < 64


# What the child cannot do. Each snippet runs once after `limit()`, in a child of a process that has hidden its memory,
# and once without both (the control: it succeeds). Neither has root's rights.
WRITE = "open('written', 'w').write('x')"
READ = "open('/etc/passwd').read()"
WRITE_OPEN = "os.write(kept, b'x')"
FORK = "os._exit(0) if os.fork() == 0 else os.wait()"
THREAD = "threading.Thread(target=int).start()"
MEMORY = "bytearray(900 * 1024 * 1024)"
CONNECT = "socket.create_connection(('127.0.0.1', port))"
CONNECT_IN_PLACE = "os.close(0); socket.create_connection(('127.0.0.1', port))"
OPEN_IN_PLACE = "os.close(0); open('/etc/passwd').read()"
PARENTS_FILE = "os.close(0); os.pread(os.open(f'/proc/{os.getppid()}/mem', os.O_RDWR), 6, at)"
PARENTS_MEMORY = "write_parent()"
ATTEMPTS = {
    "write": (WRITE, "OSError"),
    "read": (READ, "OSError"),
    "write-open": (WRITE_OPEN, "OSError"),
    "fork": (FORK, "BlockingIOError"),
    "thread": (THREAD, "RuntimeError"),
    "memory": (MEMORY, "MemoryError"),
    "connect": (CONNECT, "OSError"),
    "connect-in-place-of-stdin": (CONNECT_IN_PLACE, "OSError"),
    "open-in-place-of-stdin": (OPEN_IN_PLACE, "OSError"),
    "parent-by-proc": (PARENTS_FILE, "OSError"),
    "parent-by-call": (PARENTS_MEMORY, "PermissionError"),
}
LIMITED = """
import ctypes, os, resource, socket, sys, threading
what, limited, root = sys.argv[1:]
sys.path.insert(0, root)
from config import process
from newsroom.imaging import child
kept = os.open("written.kept", os.O_CREAT | os.O_WRONLY)
libc = ctypes.CDLL(None, use_errno=True)
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(54321)
    os.setuid(54321)
    libc.prctl(process.PR_SET_DUMPABLE, 1, 0, 0, 0)  # as when this user had started it
libc.prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)  # PR_SET_PTRACER: Yama alone would hold in the control
listening = socket.create_server(("127.0.0.1", 0))
port, secret = listening.getsockname()[1], ctypes.create_string_buffer(b"secret")
at = ctypes.addressof(secret)

class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

def write_parent():
    mine, theirs = Piece(at, 6), Piece(at, 6)
    if libc.process_vm_writev(os.getppid(), ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0) != 6:
        raise OSError(ctypes.get_errno(), "refused")

if limited == "limited":
    process.hide_memory()
if (begun := os.fork()) == 0:
    libc.prctl(process.PR_SET_DUMPABLE, 1, 0, 0, 0)  # as after the exec of a real child
    mine, before = open("/proc/self/oom_score_adj"), os.nice(0)
    try:
        if limited == "limited":
            child.limit()
        exec(what)
    except (OSError, MemoryError, RuntimeError) as error:
        print(type(error).__name__, flush=True)
    else:
        print("done", flush=True)
    os._exit(0)
os.waitpid(begun, 0)
"""


def attempt(what, folder, *, limited=True):
    command = [sys.executable, "-I", "-c", LIMITED, what, "limited" if limited else "", str(ROOT)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=True, cwd=folder
    ).stdout.strip()


@pytest.mark.parametrize(("what", "error"), ATTEMPTS.values(), ids=ATTEMPTS)
def test_the_limits_hold_for_whoever_runs_the_child(what, error, tmp_path):
    tmp_path.chmod(0o777)  # so that only the limits stand in the way
    assert attempt(what, tmp_path) == error
    assert not (tmp_path / "written").exists()
    assert (tmp_path / "written.kept").read_bytes() == b""
    assert attempt(what, tmp_path, limited=False) == "done", "the control"


def test_time_core_and_identity_are_given_up(tmp_path):
    r = "resource"
    say = f"print({r}.getrlimit({r}.RLIMIT_CPU), {r}.getrlimit({r}.RLIMIT_CORE), os.geteuid() == 0)"
    assert attempt(say, tmp_path) == "(20, 20) (0, 0) False\ndone"


def test_it_gives_way_to_who_reads_and_writes_and_is_what_the_kernel_ends_first(tmp_path):
    say = "print(os.nice(0) - before, mine.read().strip())"
    assert attempt(say, tmp_path) == "5 1000\ndone"
    assert attempt(say, tmp_path, limited=False) != "5 1000\ndone"
