"""What tests of nginx ask for: a machine with an edition that somebody has built, and nginx in front of it."""

import shutil
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from django.conf import settings

from newsroom.edition.storage import UnfinishedEdition
from tests.newsroom.articles import NOON
from tests.system.harness.homes import Home
from tests.system.servers.application import Echo, application
from tests.system.servers.doors import Door, nginx

type Serving = Callable[..., Door]


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """Return a machine with an edition, a style and a picture."""
    home = Home(tmp_path_factory.mktemp("machine"))
    with UnfinishedEdition() as draft:
        draft.add("index.html", b"front " * 100)
        draft.add("news/a-story/index.html", b"a story " * 100)
        draft.add("feed/index.atom", b"<feed/>")
        draft.publish(at=NOON, after=None, number=1, whole="x")
    shutil.copytree(settings.STATE_DIR / "edition", home.state / "edition", symlinks=True)
    static = home.path / "static"
    for file in (
        static / "site.css",
        static / "js/receipt.0a1b.js",
        home.state / "media/images/a/b.jpg",
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("something")
    return home


@pytest.fixture(scope="module")
def door(machine):
    """Serve it once for whoever uses nothing up: nginx what it holds, and something that echoes the rest."""
    with (
        application() as port,
        nginx(machine, application=port, static=machine.path / "static") as door,
    ):
        yield door


@pytest.fixture
def serving(machine, tmp_path):
    """Return a function that serves it anew, where nobody has used anything up."""
    (tmp_path / "state").symlink_to(machine.state)
    with ExitStack() as stack:

        def serve(handler=Echo, **how):
            port = stack.enter_context(application(handler))
            return stack.enter_context(nginx(Home(tmp_path), application=port, **how))

        yield serve
