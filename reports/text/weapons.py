"""Words for weapons, to sort urgent tips by: who sees ten of eleven should not miss the one with a gun.

Short lists of how such words begin, by language; no native speaker has checked those that are not English. None of it
is complete, and no page says of a tip that it has one.
"""

import re
from collections.abc import Iterable
from itertools import chain

from reports.text.identity_warnings.phrase_files import plain

# Patterns of what `plain` returns; `\b` ends a word that begins others, such as “stab”, which begins “stable”.
WORDS = {
    "en": (
        *(
            r"(?:hand|shot|machine)?guns?\b",
            "gunm[ae]n",
            "gunpoint",
            "firearm",
            "pistol",
            "revolver",
            "rifle",
            "ammo",
        ),
        *(
            "ammunition",
            "bullet",
            "grenade",
            "crossbow",
            r"tasers?\b",
            "kni[fv]e",
            r"blades?\b",
            "machete",
            "dagger",
        ),
        *("sword", r"stabs?\b", "stabb", r"shanks?\b", r"axes?\b", "hatchet", "knuckle-?duster"),
    ),
    "pl": (
        r"bron\b",
        r"bronia\b",
        "pistolet",
        "rewolwer",
        "karabin",
        "strzelb",
        r"noz\b",
        r"noze",
        "maczet",
        "siekier",
    ),
    "ro": (r"arma\b", r"arme\b", "armat", "pusca", "cutit", "maceta", r"topor\b", r"sabie\b"),
    "cy": (r"gynnau\b", "dryll", "cyllell", "cyllyll", "bwyell"),
    "so": (r"qori\b", "bastoolad", "bunduq", "mindi", "middi", "toorey"),
    "ur": ("بندوق", "پستول", "چاقو", "چھری", "خنجر", "کلاشنکوف", "کلہاڑی"),
}
_BEGINNINGS = "|".join(chain.from_iterable(WORDS.values()))
_WEAPON = re.compile(rf"(?<!\w)(?:{_BEGINNINGS})")


def named_in(texts: Iterable[str]) -> bool:
    """Return whether one of these texts has a word for a weapon."""
    return any(_WEAPON.search(plain(text)) for text in texts)
