"""The desk's machine with its PostgreSQL, and then a public one beside it: one Debian is both in turn."""

import re

from tests.system.deploy.machine import NAME, SOURCE, certificate
from tests.system.deploy.terminal import DESK

CURRENT = "/opt/streetlight/current"
DATABASE, PASSWORD = "db.test", "a%b@c/d?e"
INSTALL = (
    f"cd /{SOURCE} && deploy/install --domain {NAME} --place seeds/place --mail-host none --security-contact none"
    " --hsts-subdomains no --firewall no --releases-from none"
    " --tls files --certificate /root/tls/fullchain.pem --key /root/tls/privkey.pem"
)
AUTHORITY = "/etc/streetlight/database-ca.crt"
LOGIN = f"postgres://streetlight_public@{DATABASE}/streetlight?sslmode=verify-full&sslrootcert={AUTHORITY}"
UNITS = "streetlight-maintenance.timer streetlight-backup.timer streetlight.service streetlight.socket nginx.service"
# Settings and state of whatever it was are laid aside; packages and releases stay, and are not installed again.
LAY_ASIDE = """
systemctl stop {units}
install -d /root/{name} && mv /var/lib/streetlight /root/{name}/state && cp -a /etc/streetlight /root/{name}/settings
cd /etc/streetlight && find . -mindepth 1 -maxdepth 1 ! -name laid -exec rm -r {{}} +
"""
COME_BACK = """
systemctl stop {units}
rm -r /etc/streetlight /var/lib/streetlight
mv /root/{name}/state /var/lib/streetlight && mv /root/{name}/settings /etc/streetlight
systemctl start streetlight.service nginx.service
"""


def lay_aside(machine, name):
    """Make it a machine on which nothing was set up yet."""
    machine.run(LAY_ASIDE.format(units=UNITS, name=name))


def come_back(machine, name):
    """Make it again what was laid aside."""
    machine.run(COME_BACK.format(units=UNITS, name=name))


def be_the_desks(machine):
    """Install the desk's machine, and return what the terminal showed when the desk was founded."""
    shown = machine.at_terminal(
        f"{INSTALL} --role staff --database postgres >/root/install.out", DESK
    )
    open_database(machine)
    return shown


def open_database(machine):
    """Let the public machine's login in, by TLS alone, and give it its rights."""
    (data,) = (machine.root / "etc/postgresql").glob("*/main")
    certificate(machine.root / "root/database", (DATABASE,))
    place = data.relative_to(machine.root)
    machine.run(
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
        machine.run(f'cd / && runuser -u postgres -- psql -v ON_ERROR_STOP=1 -qc "{statement}"')
    assert "and no others" in machine.run(f"{CURRENT}/deploy/manage database_roles")


def be_a_public_one(machine, shown):
    """Install a public machine beside the desk's, which is laid aside: its key is brought by hand."""
    key = machine.run(f"{CURRENT}/deploy/manage desk_key").splitlines()[:2]
    fingerprint = re.findall(r"Desk key 1: ([\d ]+\d)", shown)[-1]
    lay_aside(machine, "desk")
    machine.run(
        f"install -m 644 /root/database/fullchain.pem {AUTHORITY}; echo 127.0.0.1 {DATABASE} >>/etc/hosts"
    )
    machine.run(f"{INSTALL} --role public --database '{LOGIN}'", DATABASE_PASSWORD=PASSWORD)
    answers = {
        "Paste the two lines": "\n".join(key),
        "not from where you copied these lines": fingerprint,
    }
    machine.at_terminal(f"{CURRENT}/deploy/manage desk_key --take", answers)
    machine.run(f"{CURRENT}/deploy/manage prepare")
