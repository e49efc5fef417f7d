"""Becoming staff: an account with a role, a second factor that must be proven, codes that work once."""

import pytest
from django.contrib.auth.models import User
from django_otp import match_token
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from reports.domain import joining
from reports.domain.errors import Refused
from reports.models import AuditEvent


def test_join_makes_staff_in_a_role_and_records_it(db: None) -> None:
    user = joining.join(username="lena", password="eleven lamps burn", roles=["Lead"], by=None)
    assert (user.is_staff, user.is_superuser, user.check_password("eleven lamps burn")) == (True, False, True)
    assert user.has_perm("reports.run_desk")
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.subject, event.detail) == ("joined", "lena", {"roles": ["Lead"]})


@pytest.mark.parametrize(
    ("username", "password", "reason"),
    [("lena", "short", "at least 12"), ("lena", "password123456", "too common"), ("", "eleven lamps burn", "blank")],
)
def test_join_refuses_with_the_reason(db: None, username: str, password: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        joining.join(username=username, password=password, roles=["Lead"], by=None)
    assert User.objects.count() == 0


def test_totp_counts_only_once_a_code_has_confirmed_it(officer: User) -> None:
    device = joining.begin_totp(user=officer)
    code = f"{totp(device.bin_key):06d}"
    assert match_token(officer, code) is None
    with pytest.raises(Refused, match="not the code"):
        joining.confirm_totp(device=device, code="000000" if code != "000000" else "000001")
    device.throttle_reset()
    joining.confirm_totp(device=device, code=f"{code[:3]} {code[3:]}")
    assert TOTPDevice.objects.get().confirmed is True


def test_beginning_again_forgets_the_unconfirmed_device(officer: User) -> None:
    joining.begin_totp(user=officer)
    second = joining.begin_totp(user=officer)
    assert TOTPDevice.objects.get() == second


def test_recovery_codes_work_once_and_new_ones_replace_them(officer: User) -> None:
    old = joining.recovery_codes(user=officer)
    codes = joining.recovery_codes(user=officer)
    assert len(set(codes)) == joining.RECOVERY_CODES
    assert match_token(officer, old[0]) is None
    officer.staticdevice_set.get().throttle_reset()
    assert match_token(officer, codes[0]) is not None
    assert match_token(officer, codes[0]) is None
