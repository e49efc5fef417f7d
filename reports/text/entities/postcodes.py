"""UK postcodes (BS 7666, and Royal Mail's list of areas), and the house number beside one."""

import re
from collections.abc import Callable, Iterator

from reports.text.entities.kinds import Candidate, EntityKind, stretches, words

AREAS = words(
    """ab al b ba bb bd bh bl bn br bs bt ca cb cf ch cm co cr ct cv cw da dd de dg dh dl dn dt dy e ec eh en ex fk fy g
    gl gu gy ha hd hg hp hr hs hu hx ig im ip iv ja je ka kt kw ky l la ld le ll ln ls lu m me mk ml n ne ng nn np nr
    nw ol ox pa pe ph pl po pr rg rh rm s sa se sg sk sl sm sn so sp sr ss st sw sy ta td tf tn tq tr ts tw ub w wa wc
    wd wf wn wr ws wv yo ze"""
)
GAP = r"[ .\-]{0,2}"
POSTCODE = re.compile(
    rf"(?<![^\W_])(?<![@#£$€])(?=0?{GAP}[a-z])"  # zeros alone are no area
    rf"([a-z0]{GAP}[a-z0]?){GAP}([\doil](?:{GAP}[\doil]|{GAP}[a-hjkmnp-y])?)[ .\-]{{0,3}}"
    rf"([\doil]){GAP}([abd-hjln-uw-z0]{GAP}[abd-hjln-uw-z0])(?![^\W_]|@)"
)
NO_ENDING = words("st nd rd th ft hr hrs yr gb lb pp pd qt tb bn dr am pm")  # "the M25 5th", "6ft"
MOST = 1_000  # possible postcodes that are looked at in a text: about 0.01 s
LONGEST = 24  # characters of a postcode with all its gaps
REACH = 80  # characters between a house number and its postcode at the most
STREET = (
    r"street|st|road|rd|avenue|ave|close|cl|drive|dr|court|ct|lane|ln|way|place|pl|gardens?|gdns|crescent|cres|grove|"
    r"walk|terrace|hill|park|view|green|row|mews|square|sq|house|rise|gate|end|boulevard|blvd|flats?|parade|wharf|croft"
)
HOUSE = r"(\d{1,4} ?[a-h]?|\d{1,4}[-/]\d{1,4})"
NAMED = rf"(?:\b(?:house|flat|number|no|apartment|apt|unit|block)\b\.? ?(?:no\.? ?|number ?)?|# ?){HOUSE}"
WORD = r"[^\W\d_][^\W\d_'.]*"
BEFORE = re.compile(
    rf"(?:(?<![\w£$€.:/\-]){HOUSE},?[ \n]+(?:{WORD}[ ,\n]+){{0,5}}?(?:{STREET})\b[.,]?[ \n]*(?:{WORD}[ ,\n]+){{0,4}}|"
    rf"{NAMED}[ ,\n]+(?:{WORD}[ ,\n]+){{0,5}}|(?<![\w£$€.:/\-]){HOUSE},?[ \n]+)(?:in |at )?$"
)
AFTER = re.compile(rf"[ ,\n(]{{0,3}}(?:at |it is |it's )?{NAMED}\b")
DIGITS = str.maketrans("oil", "011")
LETTERS = str.maketrans("0", "o")


def postcodes(text: str, *, original: Callable[[int, int], str]) -> Iterator[Candidate]:
    """Yield the postcodes in a normalised text; their values have no blank inside."""
    tried = 0
    for start, end in stretches(text, reach=LONGEST):
        position = start
        while tried < MOST and (match := POSTCODE.search(text, position, end)):
            tried += 1
            if (candidate := _read(match, original(*match.span()))) is not None:
                yield candidate
            position = match.end() if candidate else match.start() + 1


def address(text: str, postcode: Candidate) -> Candidate | None:
    """Return the address made of a postcode and the house number before or after it; None without one."""
    before = BEFORE.search(text[max(0, postcode.start - REACH) : postcode.start])
    after = AFTER.match(text[postcode.end : postcode.end + REACH])
    start = postcode.start
    end = postcode.end
    if before is not None:
        house = next(filter(None, before.groups()))
        start = max(0, postcode.start - REACH) + before.start()
    elif after is not None:
        house = after[1]
        end += after.end()
    else:
        return None
    number = re.sub(r"\s", "", house).upper()
    return Candidate(EntityKind.ADDRESS, f"{postcode.value} {number}", start, end)


def _read(match: re.Match[str], written: str) -> Candidate | None:
    area, district, sector, unit = (re.sub(r"[ .\-]", "", part) for part in match.groups())
    if not any(char.isdigit() for char in district + sector):
        return None
    mended_area = area.translate(LETTERS)
    mended_unit = unit.translate(LETTERS)
    mended_district = district.translate(DIGITS)
    outward = mended_area + mended_district
    inward = sector.translate(DIGITS) + mended_unit
    ends_as_word = mended_unit in NO_ENDING and not written.isupper()
    if mended_area not in AREAS or ends_as_word or _too_loose(match[0]):
        return None
    meant = outward + inward
    pairs = zip(area + district + sector + unit, meant, strict=True)
    mended = sum(was != is_now for was, is_now in pairs)
    return Candidate(EntityKind.POSTCODE, meant.upper(), *match.span(), mended)


def _too_loose(written: str) -> bool:
    """Return whether it has a gap where nobody leaves one: "S20 FE" is no postcode, "M K 6 3 A B" is one."""
    chunks = re.split(r"[ .\-]+", written)
    if len(chunks) == 1 or all(len(chunk) == 1 for chunk in chunks):
        return False
    return len(chunks) > 3 or len(chunks[-1]) != 3
