"""What root does in deploy/ it does with root's own files alone."""

import re
from pathlib import Path

import pytest

from tests.system.deploy.scripts import Scripts
from tests.system.harness.home import ROOT

STEPS = (ROOT / "deploy/steps.sh").read_text(encoding="utf-8")
AS_ANOTHER = "        .venv/bin/python manage.py edition_nginx"  # below `runuser -u nobody`


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    return Scripts(tmp_path)


def of_root(text: str) -> list[str]:
    """Return the calls of Python that look for modules in the folder they are made in, or where a variable says."""
    called = [line for line in text.splitlines() if re.search(r"(^|[ /\"])python3?\"? (?!-I )", line)]
    return [line.strip() for line in called if not line.lstrip().startswith("#") and not line.startswith(AS_ANOTHER)]


@pytest.mark.parametrize("name", ["steps.sh", "install", "upgrade", "rollback"])
def test_root_calls_python_isolated(name: str) -> None:
    assert of_root((ROOT / "deploy" / name).read_text(encoding="utf-8")) == []
    assert of_root(STEPS.replace("python -I", "python").replace('python" -I', 'python"')) != []


def test_a_path_is_the_one_that_the_operator_means(scripts: Scripts, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    said = scripts.run("absolute next/one; absolute /root/next; pwd", cwd=tmp_path / "there")
    assert said.split() == [f"{tmp_path}/there/next/one", "/root/next", "/"]


@pytest.mark.parametrize("has_git", [True, False])
def test_a_release_has_the_code_and_neither_tests_nor_what_a_trial_left(
    scripts: Scripts, tmp_path: Path, has_git: bool
) -> None:
    source, release = tmp_path / "source", tmp_path / "release"
    for name in ("config/urls.py", "tests/project/test_shape.py", "seeds/tests/kept.md"):
        (source / name).parent.mkdir(parents=True)
        (source / name).touch()
    if has_git:
        git = f"git -C {source} -c user.name=x -c user.email=x@example.org"
        scripts.run(f"git init -q {source}; {git} add .; {git} commit -q -m x")
    (source / "var").mkdir()
    scripts.run(f"release={release}; unpack {source}")
    files = {str(path.relative_to(release)) for path in release.rglob("*") if path.is_file()}
    assert files == {"config/urls.py", "seeds/tests/kept.md"}
    assert not (release / "tests").exists()
    assert not (release / "var").exists()


@pytest.fixture
def release(scripts: Scripts) -> Scripts:
    """Return scripts with a release whose `python` prints who runs it, where and with what."""
    scripts.stand_in("runuser", 'echo "runuser $2" >>"$ASKED"; shift 3; exec "$@"')
    scripts.stand_in("chown")
    scripts.stand_in("nginx", 'echo "nginx $1" >>"$ASKED"; ! grep -q broken "$4"')
    scripts.stand_in("systemctl")
    for path, text in {"deploy/manage": "exit 1", ".venv/bin/python": "pwd; env; echo asked $*"}.items():
        file = scripts.root / "release" / path
        file.parent.mkdir(parents=True)
        file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        file.chmod(0o755)
    (scripts.root / "etc/streetlight/nginx-options").write_text("--key /etc/key.pem\n", encoding="utf-8")
    for name in ("etc/nginx", "etc/streetlight/place"):
        (scripts.root / name).mkdir()
    secret = "DATABASE_URL='postgres://streetlight:secret@db/tips'\nMAIL_PASSWORD='secret'\nSECRET_KEY='secret'\n"
    scripts.settings.write_text(f"SITE_ORIGIN='https://tips.test'\nHSTS_SUBDOMAINS='1'\n{secret}", encoding="utf-8")
    return scripts


def test_the_services_user_has_no_part_in_what_nginx_loads_as_root(release: Scripts) -> None:
    made = release.run(f"release={release.root}/release; make_nginx", SECRET="secret")
    assert "asked manage.py edition_nginx --name tips.test --key /etc/key.pem --to -" in made
    assert {"SITE_ORIGIN=https://tips.test", "HSTS_SUBDOMAINS=1", "SECRET_KEY=none"} <= set(made.splitlines())
    assert "secret" not in made
    assert "runuser nobody" in release.asked
    state = re.findall(r"^STATE_DIR=(.+)$", made, re.MULTILINE)[0]
    assert not Path(state).exists()


def test_a_configuration_that_nginx_refuses_replaces_none(release: Scripts) -> None:
    kept = release.root / "etc/nginx/nginx.conf"
    release.run(f"release={release.root}/release; lay_nginx")
    before = kept.read_text(encoding="utf-8")
    assert release.asked[2:] == ["nginx -t", "nginx -t", *(f"systemctl {act}" for act in (
        "enable --quiet --now nginx.service", "reload nginx.service"))]  # fmt: skip
    (release.root / "release/.venv/bin/python").write_text("#!/bin/sh\necho broken\n", encoding="utf-8")
    said = release.run(f"release={release.root}/release; lay_nginx", wrong=1)
    assert "It keeps the present one." in said
    assert kept.read_text(encoding="utf-8") == before
