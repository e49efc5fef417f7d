"""Whether there is a newer signed release: asked for each week, where `deploy/install` was given the code's address."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.utils import timezone

from reports.domain import state_files

SIGNERS = Path(
    "/etc/streetlight/signers"
)  # whose signature counts: git's gpg.ssh.allowedSignersFile
SECONDS = "40"  # that git may take for each thing it is asked
RELEASE = re.compile(r"^\w+\trefs/tags/v(\d{1,6}\.\d{1,6}\.\d{1,6})$", re.ASCII | re.MULTILINE)
# What a search leaves.
NEVER = {
    "week": "",
    "tried": "",
    "answered": "",
    "newest": "",
    "signed": False,
    "error": "",
    "address": "",
}


@cache
def installed() -> str:
    """Return the number of this release."""
    text = (settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def search(*, now: datetime) -> None:
    """Look for the newest release once a week; a search without an answer is made again on the next day."""
    last = _last()
    today = timezone.localdate(now)
    signers = SIGNERS.stat().st_mtime if SIGNERS.exists() else 0
    week = f"{today:%G-W%V} {installed()} {signers:.0f}"  # anew, too, with other signers
    day = f"{today:%d %b %Y}"
    if settings.DEMO or not settings.RELEASES_FROM or week == last["week"] or day == last["tried"]:
        return
    last |= {"tried": day, "error": ""}
    try:
        last |= _newest() | {"week": week, "answered": day}
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", str(error).encode()).decode(errors="replace")
        last["error"] = (
            "".join(filter(str.isprintable, " ".join(reason.split())))[:300] or "no answer"
        )
    state_files.write(settings.STATE_DIR / "releases.json", json.dumps(last).encode())


def sentences() -> list[tuple[bool | None, str, str]]:
    """Return what is to be said of releases: whether it is good (None: nobody looked), in words, and what to do."""
    if not settings.RELEASES_FROM:
        return [
            (
                None,
                "Nobody looks for new releases of Streetlight here. Please look for them yourself.",
                "",
            )
        ]
    last = _last()
    lines = list[tuple[bool | None, str, str]]()
    if _number(last["newest"]) > _number(installed()) and last["signed"]:
        do = f"Install it within a week: /opt/streetlight/current/deploy/upgrade {last['newest']}"
        lines.append(
            (False, f"Streetlight {last['newest']} is published and signed with the right key.", do)
        )
    elif _number(last["newest"]) > _number(installed()):
        do = "Do not install it. Contact those who publish the code, in a way that you know."
        lines.append(
            (
                False,
                f"Streetlight {last['newest']} is published, but not signed with the right key.",
                do,
            )
        )
    if last["error"]:
        last["answered"] = last["answered"] or "the installation"
        since = last["answered"]
        error = last["error"]
        says = f"This server has not been able to look for new releases since {since}: {error}"
        lines.append(
            (False, says, "Check RELEASES_FROM, /etc/streetlight/signers and the network.")
        )
    if not lines and last["answered"]:
        lines.append((True, f"On {last['answered']} there was no release newer than this one.", ""))
    return lines


def _newest() -> dict[str, Any]:
    """Return the newest release, and whether it is signed, if it is newer than this one.

    Raises OSError or subprocess.CalledProcessError where there is no answer. A good signature of an older tag that was
    given this name does not count.
    """
    SIGNERS.read_bytes()
    if not shutil.which("ssh-keygen"):
        raise FileNotFoundError("There is no ssh-keygen.")
    with TemporaryDirectory() as folder:
        _git(folder, "init", "--quiet", "--bare")
        numbers = RELEASE.findall(
            _git(folder, "ls-remote", "--tags", "--refs", "--", settings.RELEASES_FROM)
        )
        newest = max(numbers, key=_number, default="")
        if _number(newest) <= _number(installed()):
            return {"newest": "", "signed": False}
        tag = f"refs/tags/v{newest}"
        _git(
            folder,
            "fetch",
            "--quiet",
            "--depth=1",
            "--filter=tree:0",
            "--",
            settings.RELEASES_FROM,
            f"{tag}:{tag}",
        )
        try:
            name = _git(folder, "verify-tag", "--format=%(tag)", f"v{newest}").strip()
        except subprocess.CalledProcessError:
            name = ""
        return {"newest": newest, "signed": name == f"v{newest}"}


def _git(folder: str, *command: str) -> str:
    """Return what git says in a folder: without our settings or a question, and from https or a path alone."""
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C"}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "https:file"}
    git = [
        "timeout",
        "--kill-after=5",
        SECONDS,
        "git",
        "-C",
        folder,
        "-c",
        f"gpg.ssh.allowedSignersFile={SIGNERS}",
    ]
    run = subprocess.run([*git, *command], env=environment, capture_output=True, check=True)  # noqa: S603 - no shell
    return run.stdout.decode(errors="replace")


def _number(release: str) -> list[int]:
    """Return a release's number so that the newer one is greater; that of none is the least."""
    return [int(part) for part in release.split(".") if part]


def _last() -> dict[str, Any]:
    """Return what the last search left; of none, or of a damaged file, as if there never was one."""
    try:
        last: dict[str, Any] = NEVER | json.loads(
            (settings.STATE_DIR / "releases.json").read_text(encoding="ascii")
        )
    except (OSError, ValueError, TypeError):
        last = dict(NEVER)
    if last["address"] == settings.RELEASES_FROM:
        return last
    return NEVER | {"address": settings.RELEASES_FROM}  # a corrected address is asked at once
