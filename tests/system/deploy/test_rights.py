"""What a desk at work leaves in its state folder can be read by nginx where it has to, and by nobody else at all."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from newsroom.domain import images
from newsroom.models import Image
from reports.domain import desk
from reports.models import Tip
from tests.newsroom.articles import make_article
from tests.newsroom.domain.test_images import drawn
from tests.system.deploy import rights

pytestmark = pytest.mark.django_db(transaction=True)  # the commands close its connection

WORDS = {"alt": "A grey van", "caption": "A van.", "credit": "Newsroom"}


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Keep out whom the mask says from all that is made meanwhile."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.fixture
def worked(send: Callable[..., Tip], tmp_path: Path) -> Callable[[int], Path]:
    """Return a function that lets the desk do a bit of everything under a umask, and returns what it left."""

    def work(mask: int) -> Path:
        with umask(mask):
            for name in ("outbox", "edition", "media"):
                shutil.rmtree(settings.STATE_DIR / name, ignore_errors=True)
            for lock in desk.folder().glob(".*lock"):  # from before the umask
                lock.unlink()
            send()
            desk.save_profile(desk.Profile(address="1 High Street"))
            picture = images.add(prepared=images.prepare(raw=drawn((1000, 500))), image=Image(**WORDS))
            make_article("a-story", lead_image=picture)
            call_command("tend")
            call_command("edition")
        own = ("shared", "postgres", "secret_key", "test.sqlite3")  # of the test run, made before the umask
        left = [path for path in settings.STATE_DIR.iterdir() if not path.name.startswith(own)]
        for path in left:
            (shutil.copytree if path.is_dir() else shutil.copy)(path, tmp_path / path.name)  # copies keep the modes
        return tmp_path

    return work


def test_nginx_may_read_pages_and_pictures_and_nobody_the_rest(worked: Callable[[int], Path]) -> None:
    state = worked(0o077)
    assert rights.wrong(state) == []
    assert {"desk", "edition", "form.json", "media", "outbox"} <= {path.name for path in state.iterdir()}
    assert list((state / "media").rglob("*.webp"))
    assert list((state / "edition").rglob("*.html"))


@pytest.mark.proof("install", control=True)
@pytest.mark.proof("containers", control=True)
def test_the_walk_finds_what_another_umask_would_leave_open(worked: Callable[[int], Path]) -> None:
    assert "edition/.lock 0644" in rights.wrong(worked(0o022))
