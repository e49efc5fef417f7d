"""A newer release is told once its signature is good, where `deploy/install` was given the code's address and a key."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from reports.domain.health import heartbeat, releases
from reports.domain.maintenance import notices
from tests.system.deploy import units
from tests.system.deploy.scripts import Scripts
from tests.system.deploy.test_install import OPTIONS, install
from tests.system.harness.homes import ROOT

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
type Tag = Callable[..., None]


def git(folder, *command, key=None):
    options = [
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@example.org",
        "-c",
        "gpg.format=ssh",
        "-c",
        f"user.signingkey={key}",
    ]
    subprocess.run(["git", "-C", folder, *options, *command], check=True, capture_output=True)


def made_key(path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


@pytest.fixture
def key(tmp_path):
    return made_key(tmp_path / "key")


@pytest.fixture
def code(tmp_path):
    """Return a repository of the code with one commit."""
    folder = tmp_path / "code"
    git(tmp_path, "init", "--quiet", str(folder))
    (folder / "pyproject.toml").write_text('version = "8.0.0"\n', encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "x")
    return folder


@pytest.fixture
def sign(code, key):
    """Return what makes a signed tag of a release."""
    return lambda number, by=key: git(code, "tag", "-s", "-m", "x", f"v{number}", key=by)


@pytest.fixture(autouse=True)
def configured(settings, tmp_path, code, key, monkeypatch):
    """Look for releases in the repository; this one is 7.0.0."""
    settings.RELEASES_FROM, settings.MAIL_OPERATOR = f"file://{code}", "it@example.org"
    monkeypatch.setattr(releases, "SIGNERS", tmp_path / "signers")
    monkeypatch.setattr(releases, "installed", lambda: "7.0.0")
    releases.SIGNERS.write_text(f"releases {key.with_suffix('.pub').read_text()}", encoding="utf-8")


def told(now=MONDAY):
    """Search, and return what the doctor and the mail say."""
    releases.search(now=now)
    return "\n".join(f"{good} {says} {do}" for good, says, do in releases.sentences())


def test_the_newest_release_is_told_with_the_command_if_its_signature_is_good(sign):
    for number in ("6.0.0", "7.0.0", "7.0.9", "7.0.10"):
        sign(number)
    assert told() == (
        "False Streetlight 7.0.10 is published and signed with the right key. "
        "Install it within a week: /opt/streetlight/current/deploy/upgrade 7.0.10"
    )


def test_none_is_told_that_is_older_or_as_old(sign, code):
    sign("7.0.0")
    git(code, "tag", "v8.0.0-rc1")
    assert told() == "True On 23 Nov 2026 there was no release newer than this one. "


BAD = "False Streetlight {} is published, but not signed with the right key. Do not install it."


@pytest.mark.parametrize("by", ["nobody", "a stranger", "an older tag"])
def test_one_without_a_good_signature_is_told_as_that(sign, code, tmp_path, by):
    sign("6.0.0")
    if by == "a stranger":
        sign("9.0.0", by=made_key(tmp_path / "another"))
    else:
        git(code, "update-ref", "refs/tags/v9.0.0", "HEAD" if by == "nobody" else "v6.0.0")
    assert told().startswith(BAD.format("9.0.0"))
    assert "upgrade" not in told()


def test_what_could_not_be_asked_is_told_and_asked_again_on_the_next_day(sign, code):
    sign("7.1.0")
    assert "7.1.0 is published and signed" in told()
    code.rename(code.with_name("away"))
    sentences = told(MONDAY + 7 * DAY)
    assert (
        "This server has not been able to look for new releases since 23 Nov 2026: fatal: "
        in sentences
    )
    assert "Streetlight 7.1.0 is published and signed" in sentences, "that was known before"
    code.with_name("away").rename(code)
    assert "not been able to look" in told(MONDAY + 7 * DAY), "once a day"
    assert "not been able to look" not in told(MONDAY + 8 * DAY)
    sign("7.2.0")
    assert "7.2.0" not in told(MONDAY + 9 * DAY), "once a week"
    assert "7.2.0" in told(MONDAY + 14 * DAY)


def test_a_corrected_address_is_asked_at_once(sign, settings):
    sign("7.1.0")
    right, settings.RELEASES_FROM = settings.RELEASES_FROM, "/nowhere"
    assert "has not been able to look" in told()
    settings.RELEASES_FROM = right
    assert "Streetlight 7.1.0 is published and signed" in told()


def test_a_server_without_address_asks_nobody_and_says_so(settings, monkeypatch):
    settings.RELEASES_FROM = ""
    monkeypatch.setattr(releases, "_git", lambda *command: pytest.fail(f"asked {command}"))
    assert "Nobody looks for new releases" in told()
    assert not (settings.STATE_DIR / "releases.json").exists()


def test_no_other_way_to_run_a_program_or_to_reach_a_server_is_an_address(settings, tmp_path):
    for address in (
        f"ext::touch {tmp_path}/ran",
        f"--upload-pack=touch {tmp_path}/ran",
        "http://tips.test/code",
    ):
        settings.RELEASES_FROM = address
        (settings.STATE_DIR / "releases.json").unlink(missing_ok=True)
        assert "not been able to look for new releases since" in told()
    assert not (tmp_path / "ran").exists()


def test_a_damaged_file_of_the_last_search_is_none(settings):
    for text in ("", "[]", "{"):
        (settings.STATE_DIR / "releases.json").write_text(text, encoding="ascii")
        assert releases.sentences() == []


@pytest.mark.django_db
def test_the_weekly_mail_has_what_was_found(sign, mailoutbox):
    sign("7.1.0")
    releases.search(now=MONDAY)
    with heartbeat.changing() as beat:
        beat.at = heartbeat.stamp(MONDAY)
    notices.mail_week(now=MONDAY)
    assert "Streetlight 7.1.0 is published and signed" in mailoutbox[0].body
    assert "/opt/streetlight/current/deploy/upgrade 7.1.0\n" in mailoutbox[0].body


def test_install_stores_the_address_and_the_key_for_search_and_upgrade(
    tmp_path, code, sign, monkeypatch
):
    scripts, signer = Scripts(tmp_path / "machine"), tmp_path / "key.pub"
    (tmp_path / "machine/core").symlink_to(ROOT / "core")  # which reads the place
    scripts.stand_in("python3", f'exec {sys.executable} "$@"')
    options = [*OPTIONS, "--database", "sqlite", "--mail-host", "none"]
    install(scripts, *options)
    assert "RELEASES_FROM" not in units.environment_file(scripts.settings), "nobody was asked"
    address = ["--releases-from", f"file://{code}"]
    assert "Give --signing-key" in install(scripts, *options, *address, wrong=1)
    assert "takes a public SSH key" in install(
        scripts, *options, *address, "--signing-key", "none", wrong=1
    )
    assert "takes https" in install(
        scripts, *options, "--releases-from", "http://tips.test", wrong=1
    )
    install(scripts, *options, *address, "--signing-key", str(signer))
    assert units.environment_file(scripts.settings)["RELEASES_FROM"] == f"file://{code}"
    laid = scripts.root / "etc/streetlight/signers"
    assert laid.read_text(encoding="utf-8") == f'releases namespaces="git" {signer.read_text()}'
    assert laid.stat().st_mode & 0o777 == 0o644
    install(scripts, *options)
    install(scripts, *options, "--releases-from", "none", "--signing-key", str(signer))
    assert laid.read_text(encoding="utf-8") == f'releases namespaces="git" {signer.read_text()}'
    monkeypatch.setattr(releases, "SIGNERS", laid)
    sign("8.0.0")
    assert "Streetlight 8.0.0 is published and signed" in told()
    git(tmp_path, "init", "--quiet", "--bare", "clone")
    (scripts.root / "etc/streetlight/source").write_text(f"{tmp_path}/clone\n", encoding="utf-8")
    fetched = 'from=; backup=yes; fetch 8.0.0; echo "fetched $(version_of "$from")"'
    assert "fetched 8.0.0" in scripts.run(fetched, script="upgrade")


def test_upgrade_runs_no_hook_of_the_clone_and_takes_none_that_is_not_roots(sign, code, tmp_path):
    scripts = Scripts(tmp_path / "machine")
    clone, ran = tmp_path / "clone", tmp_path / "ran"
    git(tmp_path, "init", "--quiet", "--bare", "clone")
    hook = clone / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n", encoding="utf-8")
    hook.chmod(0o755)
    (scripts.root / "etc/streetlight/source").write_text(f"{clone}\n", encoding="utf-8")
    scripts.settings.write_text(f"RELEASES_FROM='file://{code}'\n", encoding="utf-8")
    sign("8.0.0")
    fetched = 'from=; backup=yes; fetch 8.0.0; echo "fetched $(version_of "$from")"'
    assert "fetched 8.0.0" in scripts.run(fetched, script="upgrade")
    assert not ran.exists()
    sign("8.0.1")
    git(clone, "fetch", "--quiet", "--tags", f"file://{code}")
    assert ran.exists(), "the control: by itself git runs it"
    ran.unlink()
    scripts.stand_in("id", "echo 54321")  # as if somebody else were root
    assert "do not belong to root, so nothing was run there" in scripts.run(
        fetched, script="upgrade", wrong=1
    )
    assert not ran.exists()
