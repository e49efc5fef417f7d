"""The firewall of `deploy/install`, in a kernel's network of its own: who holds many connections keeps nobody out."""

import os
import shutil
import subprocess
import sys
import textwrap

import pytest
from django.conf import settings

RULES = (settings.BASE_DIR / "deploy" / "nftables.conf.in").read_text(encoding="utf-8")
MOST = 20  # in place of the 700 that the rules name
WORLD = """
set -eu
server=''
trap 'kill $world $server' EXIT
unshare -n sleep 60 &
world=$!
until [ "$(readlink /proc/$world/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done
ip link add name inside type veth peer name outside netns $world
ip addr add 192.0.2.1/24 dev inside
ip addr add 2001:db8::1/32 dev inside nodad
ip link set inside up
in_world() { nsenter -t $world -n "$@"; }
for address in 192.0.2.2/24 192.0.2.3/24 2001:db8:0:2::2/32 2001:db8:0:2::3/32 2001:db8:0:3::2/32; do
    case $address in *:*) nodad=nodad ;; *) nodad='' ;; esac
    in_world ip addr add $address dev outside $nodad
done
in_world ip link set outside up
nft -f "$1"
"$2" -c "$3" &
server=$!
until ss -Hltn | grep -q ':80 '; do sleep 0.05; done
in_world "$2" -c "$4"
"""
SERVER = textwrap.dedent("""
    import socket, socketserver
    class Held(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(1)  # until who came goes
    class Door(socketserver.ThreadingTCPServer):
        address_family, request_queue_size, daemon_threads = socket.AF_INET6, 512, True
    Door(("::", 80), Held).serve_forever()
    """)
VISITORS = textwrap.dedent("""
    import socket
    held = []
    def come(source, count):
        come_in = 0
        for _ in range(count):
            door = ("2001:db8::1" if ":" in source else "192.0.2.1", 80)
            try:
                held.append(socket.create_connection(door, timeout=3, source_address=(source, 0)))
                come_in += 1
            except OSError:
                break
        print(source, come_in)
    come("192.0.2.2", 30)
    come("192.0.2.3", 5)
    come("2001:db8:0:2::2", 15)
    come("2001:db8:0:2::3", 15)
    come("2001:db8:0:3::2", 5)
    held[0].close()
    come("192.0.2.2", 3)
    """)


def come_in(rules, folder):
    """Return how many connections of each visitor, in turn, these rules let in."""
    if not shutil.which("nft") or os.geteuid() != 0:
        pytest.skip("needs root, and nft: apt-get install nftables")
    file = folder / "rules"
    file.write_text(rules)
    command = [
        "unshare",
        "-n",
        "sh",
        "-c",
        WORLD,
        "world",
        str(file),
        sys.executable,
        SERVER,
        VISITORS,
    ]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert not said.returncode, said.stderr
    return [(source, int(count)) for source, count in map(str.split, said.stdout.splitlines())]


def filled_in(rules):
    """Return the rules as the installer lays them, for few connections."""
    return (
        rules.replace("@PORTS@", "22, 80, 443")
        .replace("@COUNTED@", "80, 443")
        .replace("over 700", f"over {MOST}")
    )


@pytest.mark.proof("one visitor")
def test_an_address_or_a_line_has_so_many_connections_and_others_have_theirs(
    tmp_path,
):
    assert come_in(filled_in(RULES), tmp_path) == [
        ("192.0.2.2", MOST),
        ("192.0.2.3", 5),
        ("2001:db8:0:2::2", 15),
        ("2001:db8:0:2::3", MOST - 15),
        ("2001:db8:0:3::2", 5),
        ("192.0.2.2", 1),
    ]


@pytest.mark.proof("one visitor", control=True)
def test_control_where_nothing_is_counted_one_visitor_takes_them_all(tmp_path):
    uncounted = "\n".join(
        line for line in RULES.splitlines() if "@COUNTED@" not in line
    )  # as behind a balancer
    assert [count for _source, count in come_in(filled_in(uncounted), tmp_path)] == [
        30,
        5,
        15,
        15,
        5,
        3,
    ]
