"""What root does in deploy/ it does with root's own files alone."""

import re
from pathlib import Path

import pytest

from tests.system.deploy.scripts import Scripts
from tests.system.harness.homes import ROOT

STEPS = (ROOT / "deploy/steps.sh").read_text(encoding="utf-8")
AS_ANOTHER = "    as_nobody .venv/bin/python manage.py edition_nginx"


@pytest.fixture
def scripts(tmp_path):
    return Scripts(tmp_path)


def of_root(text):
    """Return the calls of Python that look for modules in the folder they are made in, or where a variable says."""
    called = [
        line for line in text.splitlines() if re.search(r"(^|[ /\"])python3?\"? (?!-I )", line)
    ]
    return [
        line.strip()
        for line in called
        if not line.lstrip().startswith("#") and not line.startswith(AS_ANOTHER)
    ]


@pytest.mark.parametrize("name", ["steps.sh", "install", "restore", "upgrade", "rollback"])
def test_root_calls_python_isolated(name):
    assert of_root((ROOT / "deploy" / name).read_text(encoding="utf-8")) == []
    assert of_root(STEPS.replace("python -I", "python").replace('python" -I', 'python"')) != []


def test_a_path_is_the_one_that_the_operator_means(scripts, tmp_path):
    (tmp_path / "there").mkdir()
    said = scripts.run("absolute next/one; absolute /root/next; pwd", cwd=tmp_path / "there")
    assert said.split() == [f"{tmp_path}/there/next/one", "/root/next", "/"]


@pytest.mark.parametrize("has_git", [True, False])
def test_a_release_has_the_code_and_neither_tests_nor_what_a_trial_left(scripts, tmp_path, has_git):
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


def lay(scripts, source):
    """Lay a release of a folder's code; return the folder's name that it has, and what was said."""
    scripts.stand_in("python3", "mkdir -p .venv/bin && ln -sf /bin/true .venv/bin/python")
    said = scripts.run(f'lay_release {source}; echo "laid ${{release##*/}}"; switch "$release"')
    return re.findall(r"laid (\S+)", said)[-1], said


@pytest.mark.parametrize("has_git", [True, False])
def test_other_code_of_the_same_version_is_laid_beside_and_the_same_code_once(
    scripts, tmp_path, has_git
):
    source = tmp_path / "source"
    for folder in ("config", "core", "newsroom", "reports"):
        (source / folder).mkdir(parents=True)
        (source / folder / "code.py").touch()
    (source / "pyproject.toml").write_text('version = "7"\n', encoding="utf-8")
    commit = f"git -C {source} -c user.name=x -c user.email=x@example.org commit -q -m x"
    if has_git:
        scripts.run(f"git init -q {source}; git -C {source} add .; {commit}")
    assert lay(scripts, source)[0] == lay(scripts, source)[0] == "7"
    (source / "config/code.py").write_text("# newer\n", encoding="utf-8")
    if has_git:
        scripts.run(f"git -C {source} add .; {commit}")
    name, said = lay(scripts, source)
    assert re.fullmatch(r"7-[0-9a-f]{7}", name)
    assert "release 7 is installed with other code" in said
    releases = scripts.root / "opt/streetlight/releases"
    assert (releases / name / "config/code.py").read_text() == "# newer\n"
    assert (releases / "7/config/code.py").read_text() == ""
    assert lay(scripts, f"$PLACE/releases/{name}")[0] == name, "its own steps lay no third"
    link = scripts.programs / "streetlight"
    assert str(link.readlink()) == f"{scripts.root}/opt/streetlight/current/deploy/manage"


def test_a_version_that_the_clone_does_not_have_is_refused_in_one_sentence(scripts, tmp_path):
    scripts.run(f"git init -q {tmp_path}/clone")
    (scripts.root / "etc/streetlight/source").write_text(f"{tmp_path}/clone\n", encoding="utf-8")
    said = scripts.run("from=; take_over 9.9.9", script="upgrade", wrong=1)
    assert said.strip().splitlines()[-1] == f"There is no release v9.9.9 in {tmp_path}/clone."
    assert "fatal" not in said
    assert "tar:" not in said


@pytest.fixture
def release(scripts):
    """Return scripts with a release whose `python` prints who runs it, where and with what."""
    scripts.stand_in("runuser", 'echo "runuser $2" >>"$ASKED"; shift 3; exec "$@"')
    scripts.stand_in("chown")
    scripts.stand_in("nginx", 'echo "nginx $1" >>"$ASKED"; ! grep -q broken "$4"')
    scripts.stand_in("systemctl")
    for path, text in {
        "deploy/manage": "exit 1",
        ".venv/bin/python": "pwd; env; echo asked $*",
    }.items():
        file = scripts.root / "release" / path
        file.parent.mkdir(parents=True)
        file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        file.chmod(0o755)
    (scripts.root / "etc/streetlight/nginx-options").write_text(
        "--key /etc/key.pem\n", encoding="utf-8"
    )
    for name in ("etc/nginx", "etc/streetlight/place"):
        (scripts.root / name).mkdir()
    secret = "DATABASE_URL='postgres://streetlight:secret@db/tips'\nMAIL_PASSWORD='secret'\nSECRET_KEY='secret'\n"
    scripts.settings.write_text(
        f"SITE_ORIGIN='https://tips.test'\nHSTS_SUBDOMAINS='1'\n{secret}", encoding="utf-8"
    )
    return scripts


def test_the_services_user_has_no_part_in_what_nginx_loads_as_root(release):
    made = release.run(f"release={release.root}/release; make_nginx", SECRET="secret")
    assert "asked manage.py edition_nginx --name tips.test --key /etc/key.pem --to -" in made
    assert {"SITE_ORIGIN=https://tips.test", "HSTS_SUBDOMAINS=1", "SECRET_KEY=none"} <= set(
        made.splitlines()
    )
    assert "secret" not in made
    assert "runuser nobody" in release.asked
    state = re.findall(r"^STATE_DIR=(.+)$", made, re.MULTILINE)[0]
    assert not Path(state).exists()


def test_a_configuration_that_nginx_refuses_replaces_none(release):
    kept = release.root / "etc/nginx/nginx.conf"
    release.run(f"release={release.root}/release; lay_nginx")
    before = kept.read_text(encoding="utf-8")
    assert release.asked[2:] == ["nginx -t", "nginx -t", *(f"systemctl {act}" for act in (
        "enable --quiet --now nginx.service", "reload nginx.service"))]  # fmt: skip
    (release.root / "release/.venv/bin/python").write_text(
        "#!/bin/sh\necho broken\n", encoding="utf-8"
    )
    said = release.run(f"release={release.root}/release; lay_nginx", wrong=1)
    assert "It keeps the present one." in said
    assert kept.read_text(encoding="utf-8") == before


ACTIVATE = """
backup=no
lay_release() { release=$PLACE/releases/3 version=3; }
lay_static_files() { :; }
lay_units() { echo "units of ${release##*/}" >>"$ASKED"; }
health() { echo 200; }
restart() { [ "${release##*/}" != 3 ]; }
activate
"""


@pytest.fixture
def releases(scripts):
    """Return scripts with three releases, of which the second serves, and the first served before it."""
    scripts.stand_in("runuser", 'shift 3; exec "$@"')
    scripts.stand_in("chown")
    (scripts.root / "etc/streetlight/place").mkdir()
    for number in "123":
        for path in ("deploy/manage", ".venv/bin/gunicorn"):
            file = scripts.root / "opt/streetlight/releases" / number / path
            file.parent.mkdir(parents=True)
            file.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
            file.chmod(0o755)
    (scripts.root / "opt/streetlight/previous").symlink_to("releases/1")
    (scripts.root / "opt/streetlight/current").symlink_to("releases/2")
    return scripts


def links(scripts):
    return [
        (scripts.root / "opt/streetlight" / name).readlink().name
        for name in ("current", "previous")
    ]


def test_an_upgrade_that_is_taken_back_leaves_units_and_the_way_back_as_they_were(
    releases,
):
    said = releases.run(ACTIVATE, script="upgrade", wrong=1)
    assert "Release 3 did not answer, so the earlier one serves again." in said
    assert links(releases) == ["2", "1"]
    assert [line for line in releases.asked if line.startswith("units")] == [
        "units of 3",
        "units of 2",
    ]


def test_a_release_that_cannot_be_loaded_is_refused_before_it_serves(releases):
    broken = releases.root / "opt/streetlight/releases/3/.venv/bin/gunicorn"
    broken.write_text('#!/bin/sh\necho "$*" >>"$ASKED"\nexit 1\n', encoding="utf-8")
    releases.stand_in("runuser", 'shift 4; shift; exec env ASKED="$ASKED" "$@"')
    said = releases.run(ACTIVATE, script="upgrade", wrong=1)
    assert (
        "Release 3 cannot be loaded, so the upgrade stopped. The earlier release is still running."
        in said
    )
    assert "--check-config --config config/gunicorn.py config.wsgi" in releases.asked
    assert links(releases) == ["2", "1"]
