"""compose.yaml asks for nothing that the image or the settings do not have, and gives no service more than it needs."""

import re
from types import SimpleNamespace

import pytest
import yaml

from config import env
from reports import checks
from tests.system.harness.homes import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OURS = {
    name: service
    for name, service in COMPOSE["services"].items()
    if service["image"] == "streetlight"
}
ENTRY = (ROOT / "deploy" / "container").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_a_process_of_the_image_writes_to_its_volumes_and_gains_nothing(
    name,
):
    service = OURS[name]
    assert re.search(rf"^{service['command'][0]}\) ", ENTRY, re.MULTILINE)
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    own = [
        volume
        for volume in service["volumes"]
        if volume.partition(":")[0] not in COMPOSE["volumes"]
    ]
    assert own == (["${PLACE}:/etc/streetlight/place:ro"] if name == "prepare" else [])
    assert service.get("user", "streetlight") != "root"


def of_database(monkeypatch, address):
    """Return the ids of what `check --deploy` finds wrong with the way to a database."""
    monkeypatch.setenv("DATABASE_URL", address)
    facts = env.database("DATABASE_URL", sqlite=ROOT)
    monkeypatch.setattr(
        checks, "connection", SimpleNamespace(vendor="postgresql", settings_dict=facts)
    )
    return [found.id for found in checks.database_is_known_by_its_certificate(None)]


def test_the_database_is_reached_by_the_socket_alone(monkeypatch):
    address, database = OURS["web"]["environment"]["DATABASE_URL"], COMPOSE["services"]["database"]
    assert of_database(monkeypatch, address.replace("${POSTGRES_PASSWORD}", "secret")) == []
    assert of_database(monkeypatch, "postgres://streetlight:secret@database/streetlight") == [
        "streetlight.E032"
    ]
    shared = [volume for volume in database["volumes"] if volume in OURS["web"]["volumes"]]
    assert shared == ["socket:/var/run/postgresql"]
    assert database["command"] == ["postgres", "-c", "listen_addresses="]


def test_every_setting_is_one_that_the_program_reads():
    example = (ROOT / "deploy" / "environment.example").read_text(encoding="utf-8")
    known = set(re.findall(r"^#? ?([A-Z_]+)='", example, re.MULTILINE)) | {"NAME"}
    assert {name for service in OURS.values() for name in service["environment"]} <= known


def test_nginx_gets_no_password_and_no_other_setting_than_its_own():
    assert OURS["nginx"]["environment"].keys() == {"NAME", "SITE_ORIGIN", "ALLOWED_HOSTS"}
    assert "${MAIL_PASSWORD:-}" in OURS["web"]["environment"].values(), "the control"
