"""Romanian phrases that show who writes, without accents: many leave them out on a telephone."""

from reports.text.identity_warnings import advice
from reports.text.identity_warnings.advice import patterns

MORE = r"(?: \w+){0,2}"
MY = r"(?:meu|mea|mei|mele|nostru|noastra|nostri|noastre)"
KIN = (
    r"frate\w*|frati\w*|sor[ai]\w*|surori\w*|sot\w*|barbat\w*|nevast\w*|fiu\w*|fiic\w*|baiat\w*|baieti\w*|fat[ae]\w*|"
    r"copi\w+|mam[aei]\w*|maica|tat\w*|taica|var\w{1,3}|verisor\w*|verisoar\w*|unchi\w*|matus\w*|bunic\w*|cumnat\w*|"
    r"socr\w*|"
    r"soacr\w*|prieten\w*|iubit\w*|logodnic\w*|partener\w*|sef\w*|coleg\w*|proprietar\w*|chirias\w*|fost\w*|nepot\w*|"
    r"nepoat\w*|ginere\w*|nora|famili\w+"
)
ONE = (
    r"sora|fratele|sotia|sotul|prietena|prietenul|vecina|vecinul|mama|tatal|fiica|fiul|fosta|fostul|colega|colegul|"
    r"var[au]l?"
)
HOME = (
    r"cas[ae]\w*|curte\w*|gradin\w+|fereastr\w+|ferestr\w+|geam\w*|apartament\w*|balcon\w*|us[aei]\w*|bucatari\w+|"
    r"dormitor\w*|bloc\w*|scar\w+|adres\w+|strad\w+|strazi\w*|garaj\w*|poart\w+|camer\w+|etaj\w*"
)

PATTERNS = patterns(
    (
        advice.REACH_ADVICE,
        rf"(?:numar\w*|nr|telefon\w*|mobil\w*|e-?mail\w*|mail\w*)(?: de \w+)?(?: al)? {MY}\b",
        r"(?:suna|sunati|scrie|scrieti|contactati|contacteaza|cauta|cautati)(?:ti)?[- ]ma\b",
        r"ma (?:puteti|poti|gasiti|gasesti)\b(?: \w+)?",
    ),
    (advice.NAME_ADVICE, rf"(?:ma numesc|ma cheama|numele meu)\b{MORE}"),
    (
        advice.HOME_ADVICE,
        rf"(?:{HOME}) {MY}\b",
        r"la mine (?:acasa|in (?:casa|bloc|scara|curte))|de la (?:geam|fereastra)\b",
    ),
    (
        advice.NEAR_ADVICE,
        rf"vecin\w*(?: \w+)? {MY}\b|vecin\w* de (?:sus|jos|alaturi|vizavi|perete|palier|la etaj\w*)",
        (
            r"(?:locuiesc|locuim|stau|stam|traiesc|traim|locuiam|am locuit) (?:\w+ )?(?:vizavi|peste drum|langa|"
            r"alaturi|"
            rf"deasupra|dedesubt|sub|la|in|pe|aproape|acolo|aici|usa|perete|lipit)\b{MORE}"
        ),
        rf"(?:vizavi|peste drum|aproape|lipit\w*) de (?:mine|noi|\w+ {MY})\b",
        rf"(?:langa|deasupra|sub|dupa) (?:mine|noi|\w+ {MY})\b",
        r"(?:prin|dupa) perete\b|peretele? (?:comun|cu (?:ei|el|ea))|usa in usa",
    ),
    (advice.KIN_ADVICE, rf"(?:{KIN})[- ](?:\w+ )?{MY}\b", rf"sunt (?:{ONE}) (?:lui|ei|lor)\b"),
    (
        advice.WORK_ADVICE,
        (
            r"(?:lucrez|lucram|am lucrat|muncesc|muncim|munceam|am muncit|invat|studiez|fac cur\w+|fac livrari|livrez|"
            rf"am grija de|fac curatenie) (?:\w+ )?(?:cu|la|pentru|in|acolo|langa|ca|el|ea|ei|lui)\b{MORE}"
        ),
        rf"(?:serviciul|munca|tura|scoala|clasa|biroul|magazinul|jobul) {MY}\b",
        (
            r"sunt (?:asistent\w*|profesor\w*|invatatoare|medic|doctor\w*|sofer|curier|postas\w*|ingrijitoare|"
            r"vanzato\w+|"
            r"elev\w?|student\w?|menajera|paznic)\b"
        ),
    ),
    (
        advice.ONLY_ADVICE,
        r"(?:numai|doar) (?:eu|noi|mie)\b(?: \w+){0,3}|sunt singur\w+(?: \w+){0,2}",
        r"nimeni altcineva\b(?: \w+){0,2}|in afara de mine\b|mi-a(?:u)? spus(?: (?:doar|numai) mie)?\b",
    ),
    (
        advice.DEALINGS_ADVICE,
        (
            r"(?:ii|le) (?:datorez|sunt dator\w*)|(?:cumpar|cumparam|am cumparat|iau|luam|am luat)(?: \w+){0,3} de la "
            r"(?:el|ea|ei|ele)\b"
        ),
        (
            r"(?:m-a|m-au|ne-a|ne-au) (?:\w+ )?(?:amenintat|lovit|batut|atacat|vazut|urmarit)\b|(?:mi-a|mi-au|imi|ne-a|"
            r"ne-au|ne) (?:vand\w+|dat|da|oferit|trimis|aratat|cerut|zis|platit|imprumutat)\b"
        ),
    ),
    (advice.VEHICLE_ADVICE, rf"(?:masin\w+|biciclet\w+|motociclet\w+|trotinet\w+|dub[ae]\w*|motorul) {MY}\b"),
)
