"""Somali phrases that show who writes; "my" is the end of a word there (-kayga, -tayda, -dayda)."""

from reports.text.identity_warnings import advice
from reports.text.identity_warnings.advice import patterns

MORE = r"(?: \w+){0,2}"
MINE = (
    r"(?:k[ae]yg[aiu]\w?|g[ae]yg[aiu]\w?|h[ae]yg[aiu]\w?|t[ae]yd[aiu]\w?|d[ae]yd[aiu]\w?|sh[ae]yd[aiu]\w?|"
    r"k[ae]en\w{0,2}|g[ae]en\w{0,2}|t[ae]en\w{0,2}|d[ae]en\w{0,2})"
)
LIVE = r"(?:nool\w*|deg+an\w*|daggan\w*|jooga|joogaa|seexda\w*)"

PATTERNS = patterns(
    (
        advice.REACH_ADVICE,
        rf"(?:lambar|nambar|number|taleefan|telefoon|telefon|mobil|mobayl|e-?mail|iimayl|imayl){MINE}\b",
        r"(?:i|ii|ila|igu) soo (?:wac\w*|xiriir\w*|dir\w*|qor\w*)",
    ),
    (advice.NAME_ADVICE, rf"magac(?:ayg|eyg)\w+(?: waa| waxaa)?{MORE}|la i(?:gu)? (?:yiraahd\w+|dhaho)\b"),
    (
        advice.HOME_ADVICE,
        (
            rf"(?:guri|aqal|daaqad|daaqadd|albaab|qol|cinwaan|xaafad|xaafadd|jid|wadad|wadadd|beer|jikad|jikadd|dabaq|"
            rf"dhismah|dhism){MINE}\b"
        ),
    ),
    (
        advice.NEAR_ADVICE,
        rf"(?:deris|daris|jaar|jiiraan|ood){MINE}\b",
        rf"(?:waxaan|waxaanu|waxaannu|waan|aniga oo|anigu waxaan)(?: \w+){{0,4}} {LIVE}\b",
        r"(?:agtayd\w*|agteyd\w*|agteen\w*|dhinacayg\w*|dhinaceen\w*|korkayg\w*|hoostayd\w*|gadaashayd\w*)",
        r"(?:ka )?soo horjeed\w*(?: \w+)? (?:aniga|annaga|gurigayga|gurigeenna)",
    ),
    (
        advice.KIN_ADVICE,
        (
            r"(?:walaalkay|walaashay|walaalahay|aabb?ahay|hooyaday|adeerkay|abtigay|eeddaday|eedaday|habaryartay|"
            r"ina adeerkay|ina abtigay|ilma adeerkay|saaxiibkay|saaxiibtay|seedigay|sodogay|ayeeyaday|awoowgay)\w*"
        ),
        (
            rf"(?:wiil|gabadh|nin|xaas|afad|ilmah|carruur|caruur|qoys|reer|saaxiib|saaxiibad|saaxiibadd|maamulah|madax|"
            rf"macallin|asxaab|qaraabad){MINE}\b"
        ),
    ),
    (
        advice.WORK_ADVICE,
        (
            r"(?:waxaan|waan|waxaanu)(?: \w+){0,3} (?:shaqeey\w+|shaqayn\w*|shaqaynay\w*|nadiifi\w+|dhigta|dhigto|"
            r"barta)\b"
            rf"{MORE}"
        ),
        rf"(?:shaqad|shaqo|dugsi|iskuul|xafiis|dukaan|fasal){MINE}\b",
        r"(?:waxaan ahay|anigu waxaan ahay) (?:kalkaaliye\w*|kalkaaliso|macallin\w*|dhakhtar\w*|darawal\w*|nadiifiye)",
    ),
    (
        advice.ONLY_ADVICE,
        r"aniga(?: oo)? (?:keliya|kaliya|kali ah)(?: \w+){0,2}|(?:qof|cid) kale ma \w+|aniga mooyee\b",
    ),
    (
        advice.DEALINGS_ADVICE,
        r"(?:wuu|way|wuxuu|waxay|waxay) (?:i|ii|iga|igu|ila|na|noo|naga) \w+",
        r"(?:wuu|way|wuxuu|waxay)(?: \w+)? (?:ii hanjab\w+|i hanjab\w+|i garaac\w+|i dil\w+|iga iibi\w+|ii iibi\w+)",
        r"(?:waan|waxaan) ka (?:iibsad\w+|gat\w+|iibsan\w*)|lacag (?:baa |ayuu |ayaa )?(?:iigu|igu|uu igu) \w+",
    ),
    (advice.VEHICLE_ADVICE, rf"(?:gaari|baabuur|baaskiil|mooto|mootad|mootadd|baayskeel){MINE}\b"),
    (
        advice.MINE_ADVICE,
        r"(?!fikrad|aragti|nafta|noloshayda)\w{2,20}(?:kayga|gayga|hayga|tayda|dayda|shayda)\b",
    ),
)
