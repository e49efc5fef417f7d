"""Who has which role, and with it which rights."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.db.models import QuerySet

from reports.domain.errors import Refused
from reports.domain.rights import ROLES, TEAM_LEAD


def ensure_roles() -> None:
    """Make the roles with exactly their rights, as every `migrate` does; does nothing before their tables are there."""
    if "auth_group" not in connection.introspection.table_names():
        return
    for name, rights in ROLES.items():
        group = Group.objects.get_or_create(name=name)[0]
        codes = [right.split(".") for right in rights]
        permissions = Permission.objects.filter(
            content_type__app_label__in={app for app, code in codes},
            codename__in={code for app, code in codes},
        )
        group.permissions.set(permissions)


def with_right(right: str) -> QuerySet[User]:
    """Return the members who are not switched off and have a right such as "reports.refer"."""
    return User.objects.with_perm(right, backend="django.contrib.auth.backends.ModelBackend")


def team_leads() -> QuerySet[User]:
    """Return the team leads who can sign in."""
    return User.objects.filter(groups__name=TEAM_LEAD, is_active=True, is_staff=True).distinct()


def require_team_lead_left(*, user: User, active: bool, roles: Iterable[str]) -> None:
    """Raise Refused when this change would leave the desk without a team lead, or without a team lead who has a key.

    The caller holds a transaction; the lock on the group makes two team leads who demote each other take turns.
    """
    list(Group.objects.select_for_update().filter(name=TEAM_LEAD))
    was = team_leads()
    with_key = team_leads().filter(member__granted__isnull=False)
    if (active and TEAM_LEAD in roles) or not was.filter(pk=user.pk).exists():
        return
    if not was.exclude(pk=user.pk).exists():
        raise Refused(
            "This is the last team lead who can sign in. Make someone else a team lead first."
        )
    if with_key.filter(pk=user.pk).exists() and not with_key.exclude(pk=user.pk).exists():
        raise Refused(
            "This is the last team lead who has access to tips. Give another team lead access first."
        )
