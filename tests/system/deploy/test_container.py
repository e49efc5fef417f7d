"""compose.yaml's services, from the image that is built here: a tip goes in through nginx, and staff read it."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from tests.system.deploy import debian, images, rights
from tests.system.deploy.machine import NAME, Reader, Visitor
from tests.system.deploy.pod import Pod
from tests.system.deploy.terminal import DESK, lead
from tests.system.deploy.test_compose import COMPOSE, OURS

pytestmark = [pytest.mark.server, pytest.mark.whole, pytest.mark.one_engine]
PORT = 8080  # where what takes TLS off finds nginx
WHAT = "A grey van by the garages, every night at nine."
ENV = {"NAME": NAME, "TOWN": "Testford", "POSTGRES_PASSWORD": "lettersanddigits1"}


@pytest.fixture(scope="module")
def pod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pod]:
    """Build the image, and make what `podman compose up` would run from it."""
    debian.need("buildah")
    folder = tmp_path_factory.mktemp("containers")
    for path in (folder, folder.parent):
        path.chmod(0o755)
    made, began = Pod(folder, COMPOSE, ENV), time.monotonic()
    with images.built(folder) as ours, made.up():
        made.seconds = time.monotonic() - began
        made.images = {"streetlight": ours, COMPOSE["services"]["database"]["image"]: images.postgres(folder)}
        yield made
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def shown(pod: Pod) -> str:
    """Start everything, found a desk at a terminal as docs/operations.md says, and return what it showed."""
    pod.start("database")
    pod.await_health("database")
    pod.run_once("prepare")
    for name in ("web", "maintenance", "nginx"):
        pod.start(name)
    pod.await_health("nginx")
    assert not pod.is_healthy("web"), "no tip can be received before there is a desk"
    return pod.at_terminal("web", "manage", "desk_setup", answers=DESK)


def read(pod: Pod, shown: str, *, code: int = 0) -> list[str]:
    """Return the pages of all tips, as the lead sees them who comes in through nginx."""
    member = Reader(pod, lead(shown), code=code, port=PORT)
    member.open_desk()
    return [member.get(address).text for address in member.tips()]


@pytest.mark.proof(
    "containers",
    "The image is built, and each service of compose.yaml runs from it as the file says",
    goal="a tip that came in through nginx is read, and outlives every container",
)
def test_a_tip_is_sent_through_nginx_and_read_by_staff(
    pod: Pod, shown: str, record_property: Callable[[str, object], None]
) -> None:
    pod.await_health("web")
    assert Visitor(pod, port=PORT).get("/").status == 200
    Visitor(pod, port=PORT).tell({"what": WHAT})
    assert [WHAT in page for page in read(pod, shown)] == [True]
    record_property("figure", f"image built in {pod.seconds:.0f} s")


@pytest.mark.parametrize("name", ["web", "maintenance", "nginx"])
def test_a_service_is_its_own_user_and_has_no_right_beside(pod: Pod, shown: str, name: str) -> None:
    facts = pod.rights(name)
    assert set(facts["Uid"].split()) == {str(pod.account(OURS[name].get("user", "streetlight")))}
    assert "0" not in facts["Uid"].split()
    assert (facts["CapEff"].strip("0"), facts["CapBnd"].strip("0"), facts["NoNewPrivs"]) == ("", "", "1")


def test_what_nginx_serves_is_all_that_it_can_read(pod: Pod, shown: str) -> None:
    assert rights.wrong(pod.volume("state")) == []


@pytest.mark.proof("containers")
def test_what_came_outlives_every_container_though_mail_is_refused(pod: Pod, shown: str) -> None:
    services = ("nginx", "maintenance", "web", "database")
    assert [pod.stop(name) for name in services] == [True] * len(services), "one had to be killed"
    pod.start("database")
    pod.await_health("database")
    said = pod.run_once("prepare", MAIL_HOST="127.0.0.1", MAIL_PORT="9")
    for name in ("web", "maintenance", "nginx"):
        pod.start(name)
    for name in ("web", "nginx"):
        pod.await_health(name)
    assert "mail" in said, "the control: maintenance did not fail"
    assert WHAT in read(pod, shown, code=1)[0]


def test_backups_are_made_with_the_programs_of_the_databases_version(pod: Pod) -> None:
    version = COMPOSE["services"]["database"]["image"].rpartition(":")[2]
    said = subprocess.run(
        ["chroot", pod.images["streetlight"].root, "pg_dump", "--version"], capture_output=True, text=True, check=True
    )
    assert f" {version}." in said.stdout
