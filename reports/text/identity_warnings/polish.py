"""Polish phrases that show who writes, without accents: many leave them out on a telephone."""

from reports.text.identity_warnings import advice
from reports.text.identity_warnings.advice import patterns

MORE = r"(?: \w+){0,2}"
MY = (
    r"(?:moj|moja|moje|moi|mojego|mojej|mojemu|moim|moimi|moich|nasz|nasza|nasze|nasi|naszego|naszej|naszemu|naszym|"
    r"naszymi|naszych)"
)
LIVE = r"(?:mieszkam|mieszkamy|mieszkalem|mieszkalam|mieszkalismy)"
KIN = (
    r"brat\w*|siostr\w*|maz|meza|mezem|mezowi|zon\w+|syn\w*|cork\w+|matk\w+|mam[aeyo]?|ojciec|ojc\w+|tat[aey]?|"
    r"kuzyn\w*|wuj\w*|cioc\w+|ciot\w+|dziad\w+|babc\w+|tesc\w*|szwag\w+|chlopak\w*|dziewczyn\w+|narzeczon\w+|"
    r"partner\w*|"
    r"szef\w*|kierowni\w+|koleg\w+|kolezan\w+|przyjaci\w+|wspollokator\w*|wlascici\w+|byly|byla|bylego|bylej|"
    r"dzieck\w+|dzieci\w*|rodzin\w+|znajom\w+|najemc\w+"
)
HOME = (
    r"okn\w+|dom\w{0,3}|mieszkani\w+|ogrod\w*|balkon\w*|drzwi\w*|kuchn\w+|sypialn\w+|blok\w*|klat\w+|adres\w*|ulic\w+|"
    r"podworz\w+|pokoj\w*|garaz\w*|osiedl\w+|pietr\w+"
)

PATTERNS = patterns(
    (
        advice.REACH_ADVICE,
        rf"{MY} (?:\w+ )?(?:numer\w*|nr|telefon\w*|tel|komork\w+|e-?mail\w*|mail\w*)\b",
        r"(?:zadzwon\w*|dzwon\w*|napisz\w*|piszcie|odezwij\w*) (?:\w+ )?do mnie\b",
    ),
    (advice.NAME_ADVICE, rf"(?:nazywam sie|mam na imie|moje (?:imie|nazwisko))\b{MORE}"),
    (
        advice.HOME_ADVICE,
        rf"{MY} (?:\w+ )?(?:{HOME})\b",
        r"(?:widze|widzimy|slysze|widac)(?: \w+){0,3} z okna\b",
        r"z okna (?:\w+ )?(?:widz\w+|widac|slysz\w+)",
    ),
    (
        advice.NEAR_ADVICE,
        rf"{MY} (?:\w+ )?sasi[ae]d\w*",
        r"(?:jestem|jestesmy) (?:jego|jej|ich) sasi[ae]d\w*",
        (
            rf"{LIVE} (?:\w+ )?(?:naprzeciw\w*|obok|nad|pod|za|przy|kolo|blisko|niedaleko|w|na|pietro|drzwi|tam|tu|"
            rf"tutaj)\b"
            rf"{MORE}"
        ),
        r"(?:naprzeciw\w*|obok|nad|pod|kolo|za) (?:mnie|mna|nas|nami|mojego|mojej|moim|naszego|naszej|naszym)\b",
        (
            r"(?:za|przez) (?:\w+ )?scian\w+|wspoln\w+ (?:scian\w+|klat\w+|korytarz\w*)|drzwi w drzwi|pietro (?:wyzej|"
            r"nizej)"
        ),
    ),
    (advice.KIN_ADVICE, rf"{MY} (?:\w+ )?(?:{KIN})\b", r"jestem (?:jego|jej|ich) \w+"),
    (
        advice.WORK_ADVICE,
        (
            r"(?:pracuje|pracujemy|pracowalem|pracowalam|pracowalismy|ucze sie|studiuje|sprzatam|sprzatalem|sprzatalam|"
            rf"dostarczam|dowoze|opiekuje sie) (?:\w+ )?(?:z|dla|u|w|na|tam|jako|obok|jego|jej|ich|nim|nia|"
            rf"nimi)\b{MORE}"
        ),
        rf"{MY} (?:\w+ )?(?:prac[aeyo]\w?|zmian\w+|szkol\w+|biur\w+|sklep\w*|klas\w+|uczeln\w+)\b",
        (
            r"jestem (?:\w+ )?(?:pielegniark\w+|nauczyciel\w+|lekarzem|lekarka|kierowca|kurierem|listonosz\w+|"
            r"sprzataczka|"
            r"opiekunk\w+|sprzedawc\w+|uczniem|uczennica|student\w+|ochroniarzem)"
        ),
    ),
    (
        advice.ONLY_ADVICE,
        r"tylko (?:ja|my)\b(?: \w+){0,3}",
        r"nikt (?:inny|poza mna|oprocz mnie|procz mnie)\b|(?:oprocz|poza) (?:mnie|mna)\b",
        r"jestem jedyn\w+(?: \w+)?|powiedzial\w* (?:tylko )?mi\b",
    ),
    (
        advice.DEALINGS_ADVICE,
        r"jestem (?:mu|jej|im) (?:winien|winna|dluzn\w+)",
        (
            r"(?:kupuje|kupowalem|kupowalam|kupilem|kupilam|biore|bralem|bralam)(?: \w+){0,3} (?:od|u) (?:niego|niej|"
            r"nich)\b"
        ),
        (
            r"(?:grozil|grozila|grozili|grozi|grozili|uderzyl|pobil|zaatakowal|sprzedal|sprzedaje|sprzedawal|dal|dala|"
            r"dali|pokazal|zaplacil|pozyczyl|zna|znaja|widzial)\w* "
            r"(?:mi|mnie|nam|nas)\b|(?:mi|mnie|nam|nas) (?:grozil|uderzyl|pobil|zaatakowal|zna)\w*"
        ),
    ),
    (
        advice.VEHICLE_ADVICE,
        rf"{MY} (?:\w+ )?(?:samochod\w*|aut\w+|rower\w*|motor\w*|motocykl\w*|skuter\w*|rejestracj\w+)",
    ),
)
