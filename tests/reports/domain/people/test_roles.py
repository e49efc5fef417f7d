"""Each role has exactly its rights, and a desk always keeps a team lead."""

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from reports.domain.errors import Refused
from reports.domain.people.roles import ensure_roles, require_team_lead_left
from reports.domain.rights import ROLES
from tests.factories import make_user

pytestmark = pytest.mark.engine


def test_ensure_roles_gives_exactly_the_rights_it_names(roles):
    Group.objects.get(name="Auditor").permissions.clear()
    ensure_roles()
    for name, rights in ROLES.items():
        group = Group.objects.get(name=name)
        have = {
            f"{app}.{code}"
            for app, code in group.permissions.values_list("content_type__app_label", "codename")
        }
        assert have == set(rights), name


@pytest.mark.promise("team")
def test_roles_see_only_what_they_need(roles):
    """Each role sees only what it needs."""
    editor, caseworker, auditor = (
        make_user(name.lower(), name) for name in ("Editor", "Caseworker", "Auditor")
    )
    assert not editor.has_perm("reports.view_tip")
    assert not auditor.has_perm("reports.read_tip")
    assert not caseworker.has_perm("reports.view_auditevent")
    assert caseworker.has_perm("reports.read_tip")


@pytest.mark.parametrize(
    ("active", "roles_after", "allowed"),
    [(True, ["Team lead"], True), (True, ["Caseworker"], False), (False, ["Team lead"], False)],
)
def test_last_team_lead_has_to_stay(team_lead, active, roles_after, allowed):
    with transaction.atomic():
        if allowed:
            require_team_lead_left(user=team_lead, active=active, roles=roles_after)
        else:
            with pytest.raises(Refused, match="last team lead who can sign in"):
                require_team_lead_left(user=team_lead, active=active, roles=roles_after)
        make_user("lou", "Team lead")
        require_team_lead_left(user=team_lead, active=active, roles=roles_after)
