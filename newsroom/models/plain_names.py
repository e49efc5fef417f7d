"""What a column that names files may hold, as a condition for constraints and queries: `newsroom.file_names` in SQL.

LTRIM is in PostgreSQL and in every SQLite. REGEXP is not: SQLite has it from Django alone, and a constraint with it
would stop whoever writes to the database with another program.
"""

from string import ascii_letters, digits

from django.db.models import CharField, CheckConstraint, F, Func, Q, Value
from django.db.models.functions import Length
from django.db.models.lookups import Exact, In, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

OF_SLUGS = f"{ascii_letters}{digits}_-"
OF_DIGESTS = "0123456789abcdef"
SLUG_LENGTH, DIGEST_LENGTH = 120, 32


def slug(column: str) -> Q:
    """Return the condition that a column holds a slug, no longer than any of ours: SQLite itself counts no length."""
    is_short = Q(LessThanOrEqual(Length(column), SLUG_LENGTH))
    return Q(Exact(_without(column, OF_SLUGS), Value(""))) & ~Q(**{column: ""}) & is_short


def is_slug(*, name: str, column: str = "slug") -> CheckConstraint:
    """Return the constraint that a column holds a slug."""
    said = _("A slug has letters, digits, hyphens and underscores only.")
    return CheckConstraint(name=name, condition=slug(column), violation_error_message=said)


def digest(column: str) -> Q:
    """Return the condition that a column holds 32 hex digits."""
    return Q(Exact(_without(column, OF_DIGESTS), Value(""))) & Q(Exact(Length(column), DIGEST_LENGTH))


def picture(column: str) -> Q:
    """Return the condition that a column holds the name of a picture's file: a width and an ending."""
    endings = [".webp", ".jpg"]
    is_short = Q(LessThanOrEqual(Length(column), len("9999.webp")))
    return Q(In(_without(column, digits), endings)) & ~Q(**{f"{column}__in": endings}) & is_short


def _without(column: str, characters: str) -> Func:
    """Return a column without the characters that it begins with."""
    return Func(F(column), Value(characters), function="LTRIM", output_field=CharField())
