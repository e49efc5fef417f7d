"""Becoming staff: an account with a role, a second factor that must be proven, codes that work once."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.utils import timezone
from django_otp import devices_for_user
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from reports.domain.errors import Refused
from reports.domain.people import joining, second_factors
from reports.models import AuditEvent, Invitation
from tests.factories import shown

KEY = "ab" * 20


def proves(user, code):
    """Return whether a code is taken by any device of a user's."""
    return any(second_factors.verify(device=device, code=code) for device in devices_for_user(user))


def test_an_app_counts_once_it_has_shown_its_code(caseworker):
    code = f"{totp(bytes.fromhex(KEY)):06d}"
    with pytest.raises(Refused, match="not the code"):
        joining.with_app(user=caseworker, key=KEY, code="000000" if code != "000000" else "000001")
    assert not TOTPDevice.objects.exists()
    assert joining.with_app(user=caseworker, key=KEY, code=f"{code[:3]} {code[3:]}").confirmed


def test_recovery_codes_work_once_and_new_ones_replace_them(caseworker):
    old = joining.recovery_codes(user=caseworker)
    codes = joining.recovery_codes(user=caseworker)
    assert len(set(codes)) == joining.RECOVERY_CODES
    assert not proves(caseworker, old[0])
    caseworker.staticdevice_set.get().throttle_reset()
    assert proves(caseworker, codes[0])
    assert not proves(caseworker, codes[0])


def digits(key, *, off=0):
    return f"{(totp(bytes.fromhex(key)) + off) % 10**6:06d}"


def app(key, *, off=0):
    """Return what proves an app that holds the key."""
    return lambda user: joining.with_app(user=user, key=key, code=digits(key, off=off))


def invited(team_lead, name="nia", role="Caseworker"):
    """Return the code of a new invitation."""
    return joining.invite(username=name, role=role, by=team_lead, reauthentication=shown(team_lead))


def joined(team_lead, name="nia", role="Caseworker"):
    """Go the whole way of a newcomer."""
    found = joining.open_invitation(username=name, code=invited(team_lead, name, role))
    return joining.complete(
        invitation=found, password=make_password("eleven lamps burn"), prove=app(KEY)
    )


def test_code_of_an_invitation_has_a_hundred_bits_and_is_stored_hashed(team_lead):
    codes = {invited(team_lead) for _ in range(50)}
    assert len(codes) == 50
    for code in codes:
        assert [len(group) for group in code.split("-")] == [5, 5, 5, 5]
        assert set(code) <= set("abcdefghijklmnopqrstuvwxyz234567-")
        for stored in Invitation.objects.values().get().values():
            assert code not in str(stored)
            assert code.replace("-", "") not in str(stored)


def test_newcomer_becomes_staff_with_a_second_factor_and_codes(team_lead):
    new = joined(team_lead)
    user = User.objects.get(username="nia")
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, True, False)
    assert user.check_password("eleven lamps burn")
    assert user.has_perm("reports.read_tip")
    assert TOTPDevice.objects.get(user=user).confirmed
    assert len(set(new.codes)) == joining.RECOVERY_CODES
    assert Invitation.objects.count() == 0
    acts = list(AuditEvent.objects.order_by("seq").values_list("actor", "act", "subject"))
    assert acts == [
        ("lena", "invited", "nia"),
        ("nia", "joined", "nia"),
        ("nia", "second-factor", "nia"),
    ]


@pytest.mark.parametrize("wrong", ["name", "code", "expired", "used", "replaced", "withdrawn"])
def test_every_wrong_invitation_gets_the_same_answer(team_lead, wrong):
    code, name = invited(team_lead), "nia"
    match wrong:
        case "name":
            name = "nobody"
        case "code":
            code = "aaaaa-aaaaa-aaaaa-aaaaa"
        case "expired":
            Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        case "used":
            Invitation.objects.all().delete()
        case "replaced":
            joining.invite(
                username="nia", role="Team lead", by=team_lead, reauthentication=shown(team_lead)
            )
        case "withdrawn":
            joining.withdraw(
                invitation=Invitation.objects.get(), by=team_lead, reauthentication=shown(team_lead)
            )
    with pytest.raises(Refused) as caught:
        joining.open_invitation(username=name, code=code)
    assert str(caught.value) == joining.WRONG_CODE


def test_wrong_digits_make_no_account_and_leave_the_invitation(team_lead):
    found = joining.open_invitation(username="nia", code=invited(team_lead))
    key = joining.new_app_key()
    with pytest.raises(Refused, match="not the code"):
        joining.complete(invitation=found, password="!", prove=app(key, off=1))
    assert not User.objects.filter(username="nia").exists()
    assert joining.still_open(pk=found.pk)


def test_one_code_makes_one_account_even_from_two_browsers(team_lead):
    found = joining.open_invitation(username="nia", code=invited(team_lead))
    first, second = joining.new_app_key(), joining.new_app_key()
    joining.complete(invitation=found, password="!", prove=app(first))
    with pytest.raises(Refused, match="the code was used"):
        joining.complete(invitation=found, password="!", prove=app(second))
    assert second_factors.app_key(TOTPDevice.objects.get()).hex() == first


def test_only_a_team_lead_invites_and_withdraws(team_lead, caseworker):
    invited(team_lead)
    for act in (
        lambda: joining.invite(
            username="ida", role="Caseworker", by=caseworker, reauthentication=shown(caseworker)
        ),
        lambda: joining.start_again(
            user=team_lead, by=caseworker, reauthentication=shown(caseworker)
        ),
        lambda: joining.withdraw(
            invitation=Invitation.objects.get(), by=caseworker, reauthentication=shown(caseworker)
        ),
    ):
        with pytest.raises(Refused, match="Only a team lead"):
            act()
    assert Invitation.objects.get().username == "nia"


def test_starting_again_replaces_password_app_and_codes_and_keeps_the_role(team_lead):
    first = joined(team_lead)
    code = joining.start_again(user=first.user, by=team_lead, reauthentication=shown(team_lead))
    found, key = joining.open_invitation(username="nia", code=code), joining.new_app_key()
    again = joining.complete(
        invitation=found, password=make_password("twelve lamps burn"), prove=app(key)
    )
    assert again.user == first.user
    user = User.objects.get(username="nia")
    assert user.check_password("twelve lamps burn")
    assert [group.name for group in user.groups.all()] == ["Caseworker"]
    assert second_factors.app_key(TOTPDevice.objects.get(user=user)).hex() == key
    assert not proves(user, first.codes[0])


def test_who_was_switched_off_since_does_not_start_again(team_lead):
    user = joined(team_lead).user
    code = joining.start_again(user=user, by=team_lead, reauthentication=shown(team_lead))
    found = joining.open_invitation(username="nia", code=code)
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(Refused, match="or the code is wrong"):
        joining.complete(invitation=found, password="!", prove=app(KEY))


def test_password_of_an_account_is_refused_with_every_reason(db):
    with pytest.raises(Refused, match=r"at least 12 characters.*too common"):
        joining.join(username="lena", password="password", roles=[])


@pytest.mark.promise(
    "team",
    control="tests/reports/domain/audit/test_audit_log.py::test_an_event_of_the_program_is_none_of_a_person_who_has_its_name",
)
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("system", "Streetlight itself uses the name"),
        ("nobody", "Streetlight itself uses the name"),
        ("sys.tem", "Streetlight itself uses the name"),
        ("o-l-u", "already"),
        ("olu_", "begins and ends"),
        ("Olu", "small letters"),
        ("xоfficer", "small letters"),  # a Cyrillic o
        ("olu ", "small letters"),
        ("olu\u200b", "small letters"),
        ("ｏlu", "small letters"),
        ("olu@town", "small letters"),
        ("olu\n", "small letters"),
        ("", "small letters"),
        ("a" * 61, "at most 60"),
        ("olu", "already"),
    ],
)
def test_no_account_has_a_name_that_reads_as_another(caseworker, team_lead, name, reason):
    """No account has a name that reads as another's, or as the program's."""
    assert caseworker.get_username() == "olu"
    with pytest.raises(Refused, match=reason):
        joining.invite(
            username=name, role="Caseworker", by=team_lead, reauthentication=shown(team_lead)
        )
    with pytest.raises(Refused, match=reason):
        joining.join(username=name, password="eleven lamps burn", roles=["Caseworker"])
    assert not Invitation.objects.exists()
