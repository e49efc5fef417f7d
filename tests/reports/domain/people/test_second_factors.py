"""A copy of the database holds no second factor."""

from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.contrib.auth.models import User
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from reports.domain import state_files
from reports.domain.people import joining, second_factors

KEY = "ab" * 20


def shown(key=KEY):
    return f"{totp(bytes.fromhex(key)):06d}"


@pytest.mark.promise("team")
def test_what_stands_in_the_database_is_no_code(caseworker):
    """A copy of the database holds no second factor of an app and no recovery code."""
    joining.with_app(user=caseworker, key=KEY, code=shown())
    joining.recovery_codes(user=caseworker)
    app, codes = TOTPDevice.objects.get(), StaticDevice.objects.get()
    token = StaticToken.objects.first().token
    assert len(app.key) == 72
    assert not second_factors.verify(device=app, code=f"{totp(bytes.fromhex(app.key)):06d}")
    for typed in (token, token[:10]):
        codes.throttle_reset()
        assert not second_factors.verify(device=codes, code=typed)


def test_a_code_of_an_app_counts_once_and_wrong_ones_make_it_wait(caseworker):
    second_factors.new_app(user=caseworker, key=KEY)
    for code, right in ((shown(), True), (shown(), False), ("123456x", False)):
        assert second_factors.verify(device=TOTPDevice.objects.get(), code=code) is right
        TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(hours=1))
    device = TOTPDevice.objects.get()
    assert (device.throttling_failure_count, device.last_used_at is not None) == (2, True)
    TOTPDevice.objects.update(last_t=-1, throttling_failure_timestamp=timezone.now())
    assert not second_factors.verify(device=TOTPDevice.objects.get(), code=shown())  # too soon


def test_an_app_is_bound_to_its_owner_and_to_the_key_outside(caseworker, team_lead):
    second_factors.new_app(user=caseworker, key=KEY)
    TOTPDevice.objects.update(user=team_lead)
    with pytest.raises(InvalidTag):
        second_factors.app_key(TOTPDevice.objects.get())
    TOTPDevice.objects.update(user=caseworker)
    kept = second_factors.path().read_bytes()
    second_factors.path().unlink()
    assert not second_factors.verify(device=TOTPDevice.objects.get(), code=shown())
    assert second_factors.path().stat().st_mode & 0o777 == 0o600
    state_files.write(second_factors.path(), kept)
    assert second_factors.verify(device=TOTPDevice.objects.get(), code=shown())


def test_a_key_that_is_lost_or_another_one_is_noticed_and_none_is_made_for_that(
    caseworker, team_lead
):
    assert second_factors.fits()
    joining.recovery_codes(user=caseworker)
    key = second_factors.path()
    kept = key.read_bytes()
    key.unlink()
    assert not second_factors.fits()
    assert not key.exists()
    state_files.write(key, b"not hex")
    assert not second_factors.fits()
    state_files.write(key, b"ab" * 32)
    assert second_factors.fits(), "a code's hash does not tell one key from another"
    state_files.write(key, kept)
    joining.with_app(user=caseworker, key=KEY, code=shown())
    assert second_factors.fits()
    state_files.write(key, b"ab" * 32)
    assert not second_factors.fits()
    User.objects.filter(pk=caseworker.pk).update(is_active=False)  # who cannot sign in needs none
    assert second_factors.fits()
