"""A password is refused that is soon guessed from common words and from ours, and any other kind is taken."""

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError


def refused(password: str, name: str = "lena") -> set[str]:
    """Return the codes with which a password is refused."""
    try:
        validate_password(password, User(username=name))
    except ValidationError as error:
        return {one.code for one in error.error_list}
    return set()


@pytest.mark.parametrize(
    "password", ["sunshinedragon", "Liverpool2024!", "password12345", "abcdefghijkl", "111111111111", "qwertyqwerty12"]
)
def test_common_words_with_little_added_are_refused(password: str) -> None:
    assert "password_guessed" in refused(password)


@pytest.mark.parametrize("password", ["Streetlight2026", "miltonkeynes1", "Milton Keynes 99", "newsroomeditor"])
def test_words_of_the_site_and_the_town_are_refused(password: str) -> None:
    assert refused(password) == {"password_guessed"}


def test_what_is_made_of_the_users_own_name_is_refused() -> None:
    assert "password_guessed" in refused("lystrevant-1999", name="lystrevant.t")
    assert refused("lystrevant-1999", name="lena") == set()


@pytest.mark.parametrize(
    "password",
    ["eleven lamps burn", "x8fk2mqpz71t", "839201847562", "łódka nad rzeką", "correct horse battery staple" * 3],
)
def test_any_composition_is_taken_where_it_is_not_soon_guessed(password: str) -> None:
    assert refused(password) == set()
