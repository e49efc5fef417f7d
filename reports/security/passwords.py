"""How staff's passwords are hashed and what they may be. They open nothing that is sealed: a guess needs more."""

from functools import cached_property
from math import log10

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Beside the town's name, the user's own and Django's common passwords, which come from breaches.
OUR_WORDS = {"streetlight", "officer", "editor", "auditor", "countersigner", "newsroom", "appeal", "enquiry", "mailbox"}
LONGEST_LOOK = 64  # characters


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id at the cost that OWASP's Password Storage Cheat Sheet names: 19 MiB, two passes, one lane.

    Django's own takes 100 MiB: as much again for each stranger who signs in at the same time.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1


class GuessedPasswordValidator:
    """Refuses what is found by putting common passwords and our own words together with few other characters.

    A list of breached passwords has few of twelve characters or more. Most of those are made in this way.
    """

    LEAST = 10.0  # as a power of ten: what somebody who has the hash and fifty graphics cards tries in a day

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError if the password is soon guessed."""
        name = (user.get_username() if user else "").casefold()
        own = frozenset(word for word in (name, *name.replace(".", " ").split()) if len(word) > 3)
        if self.guesses(password, own) < self.LEAST:
            raise ValidationError(
                _("This password is made of common words or keys in a row, and would soon be guessed. Use more words."),
                code="password_guessed",
            )

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return _("Your password must not be made of one or two common words with a few digits or signs.")

    def guesses(self, password: str, more: frozenset[str] = frozenset()) -> float:
        """Return how many guesses find it, as a power of ten, by the cheapest way to put it together."""
        text = password.casefold()[:LONGEST_LOOK]
        known = self._words | more
        word = log10(len(known))
        costs = [0.0]
        for end in range(1, len(text) + 1):
            words = (costs[begin] for begin in range(end - 3) if text[begin:end] in known)
            costs.append(min(costs[-1] + _cost(text, end - 1), word + min(words, default=1e9)))
        return costs[-1]

    @cached_property
    def _words(self) -> frozenset[str]:
        town = settings.TOWN.casefold()
        words = {*CommonPasswordValidator().passwords, *OUR_WORDS, town, town.replace(" ", ""), *town.split()}
        return frozenset(word for word in words if len(word) > 3)


def _cost(text: str, at: int) -> float:
    """Return the guesses for one character, as a power of ten: few where it repeats the last or is its neighbour."""
    if at and abs(ord(text[at]) - ord(text[at - 1])) <= 1:
        return 0.3
    return 1.0 if text[at].isdigit() else 1.4
