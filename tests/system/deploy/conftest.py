"""A machine that is installed once for all tests that look at it."""

import shutil
import time
from dataclasses import dataclass

import pytest

from tests.system.deploy import debian
from tests.system.deploy.machine import NAME, SOURCE, Machine, certificate
from tests.system.deploy.terminal import DESK

OPTIONS = (
    f"--domain {NAME} --place seeds/place --role all --database sqlite --mail-host none --security-contact none"
    " --tls files --certificate /root/tls/fullchain.pem --key /root/tls/privkey.pem"
    " --hsts-subdomains no --firewall yes --releases-from none"
)


@dataclass(frozen=True)
class Installed:
    """A machine, and what its terminal and the installer's own output showed when it was installed."""

    machine: Machine
    terminal: str
    output: str
    seconds: float


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """Install an empty Debian by the one command, at a terminal, as an administrator would."""
    debian.need()
    folder = tmp_path_factory.mktemp("machine")
    for path in (folder, folder.parent):
        path.chmod(0o755)  # the service's user and nginx's pass through it
    machine = Machine(folder / "root")
    machine.make()
    certificate(machine.root / "root/tls")
    began = time.monotonic()
    with machine.running():
        output = machine.root / "root/install.out"
        terminal = machine.at_terminal(
            f"cd /{SOURCE} && deploy/install {OPTIONS} >/root/install.out", DESK
        )
        yield Installed(
            machine, terminal, output.read_text(encoding="utf-8"), time.monotonic() - began
        )
    shutil.rmtree(folder, ignore_errors=True)


def picture(path):
    """Draw a picture for a story."""
    from PIL import Image

    Image.new("RGB", (1000, 500), (200, 30, 30)).save(path, "JPEG")
