"""A sealed archive: whole or refused, and never larger in memory than a part."""

import io
import os
import shutil
import subprocess
import tarfile

import pyrage
import pytest

from reports.sealing import archive, keyring

IDENTITY = keyring.new_identity()
BIG = os.urandom(2 * archive.PART + 1000)


def sealed(*members):
    """Return an archive of these members."""
    out = io.BytesIO()
    archive.seal(members, out, recipients=[keyring.recipient_of(IDENTITY)])
    return out.getvalue()


def read(data, *, identity=IDENTITY):
    """Return all that an archive holds."""
    with archive.opened(io.BytesIO(data), identity=identity) as members:
        return list(members)


@pytest.fixture(scope="module")
def whole():
    """Return an archive with a small member and a large one."""
    return sealed(("small", b"one"), ("large", io.BytesIO(BIG)))


def test_what_was_sealed_comes_back_in_parts(whole):
    (name, small), *parts = read(whole)
    assert (name, small) == ("small", b"one")
    assert [name for name, _ in parts] == ["large/00001", "large/00002", "large/00003"]
    assert b"".join(data for _, data in parts) == BIG


@pytest.mark.parametrize("at", [0, 10, 1000, archive.PART, -1], ids=str)
def test_an_archive_that_was_cut_is_refused(whole, at):
    with pytest.raises(archive.ArchiveError):
        read(whole[:at])


def test_an_archive_that_was_changed_is_torn_and_another_key_is_said(whole):
    middle = len(whole) // 2
    with pytest.raises(archive.Torn):
        read(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    with pytest.raises(archive.Torn):
        read(b"no archive at all")
    with pytest.raises(archive.WrongKey):
        read(whole, identity=keyring.new_identity())


def plain(write, kind=tarfile.REGTYPE, size=0):
    """Return an age file whose tar has one member and no end, or no tar at all."""
    out = io.BytesIO()
    if write:
        with tarfile.open(fileobj=out, mode="w") as tar:
            member = tarfile.TarInfo("one")
            member.type, member.size = kind, size
            tar.addfile(member, io.BytesIO(bytes(size)))
    else:
        out.write(b"not a tar" * 200)
    recipient = pyrage.x25519.Recipient.from_str(keyring.recipient_of(IDENTITY))
    return bytes(pyrage.encrypt(out.getvalue(), [recipient]))


@pytest.mark.parametrize(
    "data",
    [plain(True), plain(False), plain(True, tarfile.SYMTYPE), plain(True, size=archive.PART + 1)],
    ids=["no-end", "no-tar", "a-link", "too-large-a-part"],
)
def test_what_age_vouches_for_and_is_no_archive_of_ours_is_torn(data):
    with pytest.raises(archive.Torn):
        read(data)


def test_a_maker_that_fails_and_a_full_disk_are_told():
    def members():
        yield "one", b"1"
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        archive.seal(members(), io.BytesIO(), recipients=[keyring.recipient_of(IDENTITY)])

    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        archive.seal(
            [("large", io.BytesIO(BIG))], Full(), recipients=[keyring.recipient_of(IDENTITY)]
        )


def test_an_error_of_the_reader_is_its_own(whole):
    with pytest.raises(KeyError), archive.opened(io.BytesIO(whole), identity=IDENTITY) as members:
        raise KeyError(next(members)[0])


@pytest.mark.skipif(not (shutil.which("age") and shutil.which("tar")), reason="needs age and tar")
def test_age_and_tar_open_it_without_this_code(whole, tmp_path):
    (tmp_path / "key").write_text(IDENTITY)
    (tmp_path / "it.age").write_bytes(whole)
    subprocess.run(
        "age -d -i key it.age | tar x && cat large/* > large.whole",
        cwd=tmp_path,
        shell=True,
        check=True,
    )
    assert (tmp_path / "large.whole").read_bytes() == BIG
