"""How staff's passwords are hashed. They open nothing that is sealed: a guess needs more."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id at the cost that OWASP's Password Storage Cheat Sheet names: 19 MiB, two passes, one lane.

    Django's own takes 100 MiB: as much again for each stranger who signs in at the same time.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
