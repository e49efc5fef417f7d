"""Static files are collected once: a server that starts or answers while `prepare` runs again misses none."""

from pathlib import Path

import pytest
from django.core.management import call_command


@pytest.fixture
def source(settings, tmp_path):
    """Collect as a real machine does, from one small folder."""
    (tmp_path / "source").mkdir()
    for name in ("a.css", "b.css"):
        (tmp_path / "source" / name).write_text(f".{name[0]} {{ color: red; }}")
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATIC_ROOT = tmp_path / "built"
    settings.WHITENOISE_KEEP_ONLY_HASHED_FILES = True
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "config.static_files.Storage"}
    }
    return tmp_path / "source"


def collect(settings):
    """Run it and return which files there are: a file that was written again is another one."""
    call_command("prepare", static_files=True)
    files = [path for path in Path(settings.STATIC_ROOT).rglob("*") if path.is_file()]
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def test_files_that_lie_there_are_left_alone(settings, source):
    first = collect(settings)
    assert {name.partition(".")[0] for name in first} == {"a", "b", "staticfiles", ""}
    assert collect(settings) == first


def test_a_file_that_changed_or_came_is_collected(settings, source):
    names = [set(collect(settings))]
    (source / "a.css").write_text(".a { color: blue; }")
    names.append(set(collect(settings)))
    (source / "c.css").write_text(".c { color: red; }")
    names.append(set(collect(settings)))
    assert names[0] < names[1] < names[2], "older pages still name the older ones"
    (settings.STATIC_ROOT / ".collected").unlink()
    assert set(collect(settings)) == names[2]


def test_what_was_interrupted_is_begun_again(settings, source, monkeypatch):
    whole = set(collect(settings))
    (source / "a.css").write_text(".a { color: blue; }")

    def kill(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("whitenoise.compress.Compressor.compress", kill)
        with pytest.raises(KeyboardInterrupt):
            collect(settings)
    assert not (settings.STATIC_ROOT / ".collected").exists()
    assert set(collect(settings)) > whole


@pytest.mark.parametrize("name", ["site", "news"])
def test_public_styles_are_collected_with_what_they_import_inside(name, settings, source):
    (source / "css").mkdir()
    style = (settings.BASE_DIR / f"static/css/{name}.css").read_bytes()
    (source / "css" / f"{name}.css").write_bytes(style)
    collect(settings)
    (built,) = (settings.STATIC_ROOT / "css").glob(f"{name}.*.css")
    assert built.read_bytes().startswith(
        (settings.BASE_DIR / "static/css/palette.css").read_bytes()
    )
    assert b"@import" not in built.read_bytes()
    assert b"@import" in style, "the control"
