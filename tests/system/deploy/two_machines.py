"""A machine with the desk and its PostgreSQL, and a public one, as docs/operations.md says."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.system.deploy import debian
from tests.system.deploy.machine import NAME, SOURCE, Machine, certificate
from tests.system.deploy.network import cable
from tests.system.deploy.terminal import DESK

CURRENT = "/opt/streetlight/current"
DATABASE, PORT, PASSWORD = "db.test", 5432, "a%b@c/d?e"
COMMON = (
    f"--domain {NAME} --town Testford --mail-host none --security-contact none --hsts-subdomains no --firewall no"
    " --tls files --certificate /root/tls/fullchain.pem --key /root/tls/privkey.pem"
)
AUTHORITY = "/etc/streetlight/database-ca.crt"
LOGIN = f"postgres://streetlight_public@{DATABASE}/streetlight?sslmode=verify-full&sslrootcert={AUTHORITY}"
UNITS = "streetlight-tend.timer streetlight-backup.timer streetlight.service streetlight.socket nginx.service"
EMPTY = """
systemctl stop {units}
cd /etc/streetlight && find . -mindepth 1 -maxdepth 1 ! -name laid -exec rm -r {{}} +
rm -rf /var/lib/streetlight /var/lib/lost /var/backups/streetlight
cp -p /etc/nginx/nginx.conf.before-streetlight /etc/nginx/nginx.conf; rm -f /etc/nginx/streetlight.d/*
"""


@contextmanager
def two(desk: Machine, folder: Path) -> Iterator[tuple[Machine, str]]:
    """Make of an installed machine the desk's own, and of a copy of it a public one, which has a cable to its database.

    What is in place already, packages and release, is not installed again: the rest is as on an empty Debian. Yields
    the public machine, and what the terminal showed when the desk was founded.
    """
    desk.run(EMPTY.format(units=UNITS))
    public = Machine(folder / "public")
    debian.copy(public.root, like=desk.root)
    install = f"cd /{SOURCE} && deploy/install {COMMON}"
    shown = desk.at_terminal(f"{install} --role staff --database postgres >/root/install.out", DESK)
    open_database(desk)
    with public.running(), cable(public, desk, PORT):
        shutil.copy(desk.root / "root/database/fullchain.pem", public.root / AUTHORITY.lstrip("/"))
        (public.root / AUTHORITY.lstrip("/")).chmod(0o644)
        public.run(f"echo 127.0.0.1 {DATABASE} >>/etc/hosts")
        public.run(f"{install} --role public --database '{LOGIN}'", DATABASE_PASSWORD=PASSWORD)
        hand_over(desk, public, shown)
        yield public, shown


def open_database(desk: Machine) -> None:
    """Let the public machine's login in, by TLS alone, and give it its rights."""
    (data,) = (desk.root / "etc/postgresql").glob("*/main")
    certificate(desk.root / "root/database", (DATABASE,))
    place = data.relative_to(desk.root)
    desk.run(
        f"install -o postgres -g postgres -m 600 /root/database/*.pem /{place}/ &&"
        f" echo 'hostssl streetlight streetlight_public 127.0.0.1/32 scram-sha-256' >/{place}/pg_hba.new &&"
        f" cat /{place}/pg_hba.conf >>/{place}/pg_hba.new && cp /{place}/pg_hba.new /{place}/pg_hba.conf"
    )
    statements = (
        f"CREATE ROLE streetlight_public LOGIN PASSWORD '{PASSWORD}'",
        f"ALTER SYSTEM SET ssl_cert_file = '/{place}/fullchain.pem'",
        f"ALTER SYSTEM SET ssl_key_file = '/{place}/privkey.pem'",
        "ALTER SYSTEM SET ssl = on",
        "SELECT pg_reload_conf()",
    )
    for statement in statements:
        desk.run(f'cd / && runuser -u postgres -- psql -v ON_ERROR_STOP=1 -qc "{statement}"')
    assert "and no others" in desk.run(f"{CURRENT}/deploy/manage database_roles")


def hand_over(desk: Machine, public: Machine, shown: str) -> None:
    """Bring the desk's key and profile to the public machine by hand, the fingerprint from the recovery sheet."""
    key = desk.run(f"{CURRENT}/deploy/manage desk_key").splitlines()[:2]
    fingerprint = re.findall(r"Desk key fingerprint:\s+([\d ]+\d)", shown)[-1]
    answers = {"Paste the two lines": "\n".join(key), "not as it came with these lines": fingerprint}
    public.at_terminal(f"{CURRENT}/deploy/manage desk_key --take", answers)
    profile, facts = public.state / "desk/profile.json", public.state.stat()
    shutil.copy(desk.state / "desk/profile.json", profile)
    os.chown(profile, facts.st_uid, facts.st_gid)
    profile.chmod(0o600)
    public.run(f"{CURRENT}/deploy/manage prepare")
