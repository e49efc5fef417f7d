"""Names that everybody knows, which a message to a sender may therefore name: they point at nobody. Pure.

The names of a place, its areas, bodies and helplines, come from its folder; these are the rest.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from reports.text import entities
from reports.text.entities.kinds import EntityKind, words

BODIES = ("Neighbourhood Watch", "New Year", "Streetlight")
CALENDAR = words(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december christmas easter ramadan eid diwali halloween"""
)
LANGUAGES = words(
    """english british scottish irish gaelic polish romanian urdu welsh somali punjabi bengali gujarati hindi tamil
    malayalam sinhala nepali arabic turkish kurdish farsi persian pashto dari french spanish portuguese italian german
    dutch greek russian ukrainian lithuanian latvian estonian bulgarian hungarian czech slovak albanian serbian chinese
    cantonese mandarin vietnamese japanese korean filipino swahili yoruba igbo hausa twi amharic tigrinya hebrew"""
)
KNOWN = words(
    """uk england wales scotland ireland britain europe nhs cctv dna id ok tv pc sim pin gps usb pdf mot am pm bbc
    police council ambulance court internet mum dad whatsapp snapchat instagram facebook telegram tiktok messenger
    youtube google iphone android"""
)
# Words that a sentence may put a capital to after a colon, or shout; none of them is anybody's name.
FUNCTION = words(
    """a an the i we you he she it they this that these those there here is are was were be been being am do does did
    have has had can could would should shall must might not no yes and or but nor if so as at by for from in into of on
    off out over to up with without about after again also any all both each either every many more most much never
    only other some such than then too very when where which while who whom whose why how what please thank thanks sorry
    tell write say call phone ring stop go do don didn doesn isn aren wasn won can cannot couldn wouldn shouldn hello
    dear your our their his her its my me us them him one two three first second last next now today tonight tomorrow
    yesterday day night early late before during always sometimes often once twice just still perhaps maybe nobody
    somebody anybody everybody nothing something anything everything"""
)
SINGLE = CALENDAR | {f"{word}s" for word in CALENDAR} | LANGUAGES | KNOWN | FUNCTION
COMPASS = re.compile(r" (?:north|south|east|west|park)$", re.IGNORECASE)


@lru_cache(maxsize=8)
def numbers(printed: tuple[str, ...]) -> frozenset[str]:
    """Return numbers of helplines as they are found in a text; `printed` is how pages have them."""
    found = set()
    for number in printed:
        for entity in entities.find(f"on {number}"):
            if entity.kind is EntityKind.PHONE:
                found.add(entity.value)
    return frozenset(found)


def phrases(names: Iterable[str]) -> re.Pattern[str]:
    """Return what finds public names in a text, as whole words: `names` of a place, its areas, helplines and bodies.

    Of “Newport Pagnell North and Hanslope” it finds “Newport Pagnell North”, “Newport Pagnell” and “Hanslope” too.
    """
    listed = set[str]()
    for name in (*names, *BODIES):
        listed.add(name)
        listed.update(name.split(" and "))
    listed |= {COMPASS.sub("", name) for name in listed}
    spellings = [re.escape(name).replace("’", "['’]") for name in listed if name]
    spellings.sort(key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(spellings)})(?:['’]s)?(?!\w)", re.IGNORECASE)
