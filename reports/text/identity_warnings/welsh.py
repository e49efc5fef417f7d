"""Welsh phrases that show who writes, with the mutations after "fy", and without circumflexes."""

from reports.text.identity_warnings import advice
from reports.text.identity_warnings.advice import patterns

MORE = r"(?: \w+){0,2}"
I_DO = (
    r"(?:rwy'n|rwyf yn|rwyf i'n|dwi'n|dwi yn|dw i'n|rydw i'n|rydwi'n|wi'n|rydym yn|rydym ni'n|rydyn ni'n|dan ni'n|"
    r"roeddwn i'n|roeddwn yn|ro'n i'n|o'n i'n|oeddwn i'n|on i'n)(?: arfer)?"
)
KIN = (
    r"mrawd|chwaer|mam|nhad|ngwr|ngwraig|mab|merch|nghefnder|nghyfnither|ewythr|ewyrth|modryb|nhaid|nain|nhad-cu|"
    r"mam-gu|"
    r"nghariad|mhartner|ffrind\w*|mos|rheolwr|nghydweithiwr|nghydweithwyr|mhlant|mhlentyn|nheulu|landlord|nghyn-\w+|"
    r"wyr|wyres|nai|nith|mrawd-yng-nghyfraith|chwaer-yng-nghyfraith"
)
HOME = (
    r"nhy|fflat|ngardd|nrws|stryd|nghegin|ystafell|nghyfeiriad|ffenest\w*|ngarej|mloc|adeilad|nghartref|nghod post|"
    r"mhentref|lloft|balconi"
)

PATTERNS = patterns(
    (
        advice.REACH_ADVICE,
        r"fy (?:rhif|ffon|e-?bost|nghyfeiriad e-?bost|symudol)\b(?: \w+)?",
        r"(?:ffoniwch|ffonia|tecstiwch|tecstia|galwch|cysylltwch a|cysylltu a) (?:fi|mi)\b",
    ),
    (advice.NAME_ADVICE, rf"(?:fy )?enw i (?:yw|ydy|ydi)\b{MORE}|fy enw (?:yw|ydy|ydi)\b{MORE}"),
    (advice.HOME_ADVICE, rf"(?:fy|o'm|i'm) (?:{HOME})\b", r"ein (?:ty|tai|gardd|stryd|drws|bloc|fflat|ffenest\w*)\b"),
    (
        advice.NEAR_ADVICE,
        r"fy nghymd\w+|fy nghymyd\w+|ein cym[yd]d\w+|cymydog i (?:mi|ni)\b",
        (
            rf"{I_DO} byw (?:\w+ )?(?:gyferbyn|drws|uwchben|uwch|o dan|dan|ger|ar|wrth|y tu|tu|yn|mewn|yno|yma|"
            rf"nesaf|lan|"
            rf"lawr)\b{MORE}"
        ),
        r"(?:gyferbyn|drws nesaf|uwchben|wrth ymyl|wrth ochr|y tu ol) (?:a|i) (?:mi|fi|ni|fy|mi)\b(?: \w+)?",
        r"drwy'r wal|trwy'r wal|rhannu wal",
    ),
    (
        advice.KIN_ADVICE,
        rf"fy (?:{KIN})\b",
        r"(?:ffrind|brawd|chwaer|cefnder|cyfnither|mam|tad|ewythr|modryb|mab|merch) i (?:mi|fi|ni)\b",
        r"(?:ei|eu) (?:chwaer|frawd|brawd|wraig|gwraig|wr|gwr|ffrind) (?:\w+ )?ydw i\b",
    ),
    (
        advice.WORK_ADVICE,
        rf"{I_DO} (?:gweithio|glanhau|danfon|gofalu|dysgu|astudio|gwirfoddoli)\b(?: \w+){{0,3}}",
        (
            r"fy (?:ngwaith|swydd|shifft|ysgol|ngholeg|nosbarth|swyddfa|siop)\b|(?:nyrs|athro|athrawes|meddyg|gyrrwr|"
            r"postmon) "
            r"ydw i\b"
        ),
    ),
    (
        advice.ONLY_ADVICE,
        r"(?:dim )?ond (?:fi|y fi|ni)\b(?: \w+){0,3}|fi yw'r unig \w+|neb arall\b(?: \w+){0,2}|heblaw fi\b",
    ),
    (
        advice.DEALINGS_ADVICE,
        r"(?:mae )?arna(?:f)? i (?:arian|bres|ddyled)|(?:fy |wedi )(?:mygwth|bygwth|nharo|taro)(?: i| fi)?\b",
        r"(?:dweud|dywedodd|rhoi|rhoddodd|rhoes|dangosodd|gwerthodd) (?:\w+ )?(?:wrtha i|wrthyf|wrthym|i mi|i fi)\b",
        rf"{I_DO} (?:prynu|cael)(?: \w+){{0,2}} (?:ganddo|ganddi|ganddyn)\b|gwerthu i (?:mi|fi|ni)\b",
    ),
    (advice.VEHICLE_ADVICE, r"fy (?:nghar|meic|fan|ngherbyd|moto-?beic)\b"),
)
