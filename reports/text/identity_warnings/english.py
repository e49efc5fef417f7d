"""English phrases that show who writes. Apostrophes are straight here, whatever was typed."""

from reports.text.identity_warnings import advice
from reports.text.identity_warnings.advice import patterns

PHONE = r"(?:\+44|0044|\(?0)[ -]?\d(?:[ ()-]{0,2}\d){8,9}\b"
POSTCODE = r"[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}\b"
ME = r"(?:me|us|mine|ours|my|our)\b"
AM = r"(?:I'm|I am|I was|we're|we are|we were)"
MORE = r"(?: \w+){0,2}"  # the next words, so that the quote can be found again in the text
PHONES = r"phone|mobile|cell|number|tel|telephone|whatsapp|no"
HOME = (
    r"house|home|flat|garden|window|bedroom|kitchen|balcony|driveway|drive|front door|back door|doorbell|fence|"
    r"garage|address|post ?code|block|building|landing|street|road|hallway|stairwell|stairs|wall|ceiling|loft|porch|"
    r"bathroom"
)
LIVING = r"at|on|here|there|in (?:the|number|no|flat|a (?:flat|house))|\d+"
BESIDE = (
    r"opposite|across|next|near|nearby|above|below|under|over|behind|beside|by|facing|upstairs|downstairs|round|"
    r"around|with|close|two doors|three doors"
)
NEAR_ME = (
    r"opposite|across (?:the \w+ )?from|over the (?:road|street|way) from|above|below|beneath|beside|behind|facing|"
    r"(?:one|two|three|four|a few|\d) doors? (?:\w+ )?from|downstairs from|upstairs from|"
    r"(?:lives?|living) (?:with|near)"
)
KIN = (
    r"(?:step|half|foster|god)?[ -]?(?:mum|mom|mam|dad|mother|father|brother|sister|son|daughter)s?|husband|wife|"
    r"fianc[eé]e?|partner|boyfriend|girlfriend|gran(?:dad|dma|ny|dson|ddaughter)?|uncle|aunt(?:ie|y)?|cousins?|nephew|"
    r"niece|(?:mother|father|brother|sister)-in-law|in-laws|family|kids?|child|children|baby|lads?|girls?|boys?|"
    r"teenagers?|toddler|eldest|oldest|youngest|little one|mates?|friends?|pal|ex(?:[ -](?:husband|wife|partner|"
    r"boyfriend|girlfriend))?|"
    r"flatmate|housemate|room-?mate|lodger|tenant|carer|landlord|landlady|boss|manager|colleague|workmate|co-?worker|"
    r"clients?|customers?|patients?|pupils?|students?|residents?|dog"
)
JOBS = (
    r"nurse|midwife|paramedic|teacher|teaching assistant|tutor|doctor|dentist|vet|pharmacist|social worker|"
    r"support worker|health visitor|carer|cleaner|window cleaner|caretaker|warden|post(?:man|woman|ie)|driver|courier|"
    r"shopkeeper|landlord|landlady|tenant|neighbou?r|bouncer|barber|hairdresser|youth worker|student|pupil|plumber|"
    r"electrician|builder|gardener|decorator|roofer|locksmith|security guard|receptionist|lollipop \w+|councillor|"
    r"pcso|police officer|prison officer|probation officer|solicitor|imam|priest|vicar|pastor|coach|scout leader|"
    r"dog walker|milkman|bin ?man|estate agent|letting agent|housing officer|volunteer|bar(?:man|maid|tender)|waiter|"
    r"waitress|chef|cashier|customer|client|patient|regular"
)
# Somebody goes to a place again and again, or does something for the people there: they know who comes.
SERVING = (
    r"clean|cleaned|mow|mowed|cut|deliver|delivered|fix|fixed|repair|repaired|service|serviced|walk|walked|babysit|"
    r"babysat|mind|minded|nurse|nursed|visit|visited|feed|fed|drive|drove|cook|cooked|cook for|teach|taught|tutor|"
    r"tutored|"
    r"coach|coached|treat|treated|decorate|decorated|paint|painted|wash|washed|iron|ironed|dress|care for|cared for|"
    r"look after|looked after|shop for|shopped for|do|manage|rent|rented|read|fit|fitted|wire|wired|collect|"
    r"collected|bring|drop off|pick up|empty|emptied"
)
WORKING = r"work|worked|volunteer|study|teach|clean|deliver"
WHERE = r"at|for|in|with|there|here|as|next|near|nights"
OFTEN = (
    r"every|each|once|twice|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|most|daily|weekly|(?:mon|tues|wednes|"
    r"thurs|fri|satur|sun)days"
)
SHARED = (
    r"wall|fence|garden|landing|hall|hallway|stairs|stairwell|staircase|entrance|drive|driveway|yard|roof|balcony|"
    r"passage|alley|kitchen|house|flat|lift|corridor|floor|parking|bin store|bathroom|front door|back door"
)
MINUTE = r"(?:[01]?\d|2[0-3])[.:](?!00|15|30|45)[0-5]\d\b"  # "9.30" is what people say; "6.10" is a minute
SEEING = r"saw|see|seen|heard|hear|think|thought|believe|know|noticed|noted|counted|reckon|guess|hope|mean"

PATTERNS = patterns(
    (
        advice.PHONE_ADVICE,
        rf"my (?:\w+ )?(?:{PHONES})\b[ .:=]{{0,3}}(?:number )?(?:is |on |at )?{PHONE}",
        rf"(?:call|ring|phone|text|reach|contact|message|whatsapp|get) me\b[^.\n]{{0,30}}?{PHONE}",
        rf"(?:I'm|I am|mine is|mine's) (?:on |at )?{PHONE}",
    ),
    (
        advice.REACH_ADVICE,
        (
            r"my (?:\w+ )?(?:e-?mail|snap(?:chat)?|insta(?:gram)?|facebook|tik ?tok|telegram|signal|account|username|"
            r"handle|"
            r"profile|discord|gamertag)\b"
        ),
    ),
    (advice.NAME_ADVICE, rf"my (?:full |real |first |last )?name(?:'s| is)\b{MORE}"),
    (
        advice.HOME_ADVICE,
        rf"(?:my|our) (?:own |front |back |home |whole )?(?:{HOME})s?\b",
        r"(?:to|at|round|round to|round at|over at|outside) (?:ours|mine)\b",
        r"when(?:ever)? (?:I|we) (?:get|got|come|came|leave|left|go|went) (?:home|in|out|back|to work|to bed)\b",
        rf"(?:I|we) live\b[^.\n]{{0,40}}?\b{POSTCODE}",
        rf"(?:I|we) (?:\w+ )?live (?:{LIVING})\b{MORE}",
        r"(?:I'm|I am) (?:\w+ ){0,3}(?:of|from|at) \d{1,4}[a-z]? [a-z]\w+(?: \w+)?",
    ),
    (
        advice.NEAR_ADVICE,
        rf"(?:I|we) (?:\w+ )?(?:live|stay|sleep|rent) (?:\w+ )?(?:{BESIDE})\b{MORE}",
        rf"(?:{NEAR_ME}) {ME}(?: \w+)?",
        rf"next[ -]door\b(?! to (?!{ME}))(?! (?:shop|garage|pub|school))(?: to {ME})?",
        r"(?:my|our) (?:(?!next\b)[\w-]+ ){0,2}?neighbou?rs?\b",
        rf"(?:I|we|he|she|they) (?:\w+ )?shares? (?:a|an|the|our|one) (?:\w+ )?(?:{SHARED})(?: with \w+)?",
        rf"(?:party|shared|joint|joined|adjoining|connecting) (?:{SHARED}|loft|walls)\b",
        r"through (?:the|my|our) (?:\w+ )?(?:walls?|ceiling|floor|floorboards|letter ?box)\b",
        rf"{AM} (?:\w+ )?neighbou?rs\b",
        (
            rf"{AM} (?:\w+ )?(?:opposite|upstairs|downstairs|(?:directly|right|just) (?:above|below|opposite|behind|"
            rf"under)|"
            r"(?:just |right )?round the corner|(?:one|two|three|a few) doors)(?: \w+)?\b"
        ),
        r"(?:one|two|three|four|five|a few|a couple of) doors (?:down|up|along|away)\b(?: from \w+)?",
        (
            r"(?:on|in|off|up) (?:the same|my|our) (?:stairs?|stairwell|landing|floor|corridor|block|building|close|"
            r"cul-?de-?sac|street|road|terrace)(?: as \w+)?\b"
        ),
        r"from where (?:I|we) (?:live|sit|sleep|park|stand|work|stay|am|was|was standing|sat|stood)\b",
        (
            r"(?:I|we) (?:can )?(?:overlook|look (?:out )?(?:on to|onto|over|straight into)|back (?:on to|onto)|face) "
            r"(?:his|her|their|the|it|that)\b(?: \w+)?"
        ),
    ),
    (
        advice.KIN_ADVICE,
        (
            rf"(?:my|our) (?:old |new |own |best |little |big |younger |youngest |older |oldest |eldest |"
            rf"elder )?(?:{KIN})\b"
        ),
        r"(?:I'm|I am|I was|we are|we were|we're) (?:his|her|their) \w+",
        (
            r"(?:goes|go|went|going|is|are) (?:to|at|in) (?:the same )?(?:school|nursery|college|playgroup|mosque|"
            r"church|gym|"
            r"work|class|scouts|football) (?:with|as) (?:his|her|their|him|them|mine|me)\b(?: \w+)?"
        ),
        (
            r"(?:in|at|on|to) the same (?:class|school|year|team|course|shift|form|college|gym|mosque|church|"
            r"nursery) as "
            r"(?:him|her|them|his|their|me|us|mine)\b"
        ),
        (
            r"(?:his|her|their) (?:kids?|children|son|daughter|boy|girl|lad)s? (?:\w+ ){0,3}(?:with|to) (?:my|our|mine|"
            r"me|us)\b"
        ),
    ),
    (
        advice.WORK_ADVICE,
        rf"I (?:\w+ )?(?:{WORKING}) (?:{WHERE})\b{MORE}",
        rf"(?:I'm|I am) (?:working|studying|teaching|cleaning|delivering) (?:{WHERE})\b{MORE}",
        r"my (?:\w+ )?(?:work|workplace|job|shift|shop|office|school|college|class|round|salon|surgery|ward|depot)\b",
        rf"(?:I'm|I am) (?:a|an|the) (?:\w+ )?(?:{JOBS})\b",
        rf"(?:I|we) (?:\w+ ){{0,2}}?(?:{SERVING}) (?:to |for )?(?:his|her|their|them|him)\b(?: \w+){{0,3}}",
        (
            rf"(?:I|we) (?:go|come|call|am|work|pop|deliver) (?:\w+ ){{0,3}}?(?:there|round|in|"
            rf"over) (?:{OFTEN})\b(?: \w+)?"
        ),
        rf"(?:I|we) (?:\w+ )?(?:{SERVING}) (?:\w+ ){{0,4}}?(?:there|theirs)\b(?: \w+){{0,2}}",
        rf"(?:I|we) (?:{SERVING}) (?:the|a|some) (?:\w+ )?\w+ (?:for|at|there|in) ?(?:him|her|them|his|their)?\b",
        r"when(?:ever)? (?:I|we) (?:clean|deliver|read the meter|do the|collect the|drop off|pick up)\b(?: \w+){0,3}",
        (
            r"I (?:deliver|bring|take) (?:\w+ ){0,3}?(?:there|to (?:him|her|them|(?:that|the) (?:house|flat|address|"
            r"door)))\b"
        ),
        rf"as (?:a|an|the|his|her|their) (?:\w+ )?(?:{JOBS}),? I\b(?: \w+)?",
    ),
    (
        advice.PAST_ADVICE,
        (
            r"(?:I|we) used to (?:work|live|rent|stay|be|date|go|buy|sell|drive|clean|study|hang|know|see|play|share|"
            r"run|help|"
            r"do|deliver|teach|look|care|smoke|use|deal|carry)\b(?: \w+){0,3}"
        ),
        (
            r"(?:before|until|when|since|after) (?:I|we) (?:left|moved out|quit|was sacked|got sacked|split up|"
            r"broke up|"
            r"worked|"
            r"lived)\b(?: \w+){0,3}"
        ),
        r"(?:I|we) (?:\w+ )?(?:lived|rented|stayed|lodged) (?:there|with|next|above|below|in|at)\b(?: \w+){0,2}",
        r"(?:we|I) (?:were|was|went|grew up|served|did) (?:\w+ ){0,4}?(?:together|with (?:him|her|them))\b",
        r"(?:he|she|they) (?:sacked|fired|employed|hired|evicted|trained|dumped|fostered|adopted) (?:me|us)\b",
    ),
    (
        advice.SELF_ADVICE,
        (
            r"(?:I'm|I am) (?:only |just |about )?(?:1[0-9]|[2-9]\d)\b(?! (?:min|met|yard|per|%|mile|feet|ft|m\b|sure))"
            r"(?: years? old)?"
        ),
        (
            r"(?:I'm|I am) (?:a |an |the )?(?:\w+ )?(?:pregnant|disabled|deaf|blind|retired|pensioner|single mum|"
            r"single dad|"
            r"single mother|single parent|mum of|mother of|dad of|father of|parent|widow|widower|refugee|asylum seeker|"
            r"in a wheelchair|wheelchair user|on crutches|on probation|on tag)\b(?: \w+)?"
        ),
        r"(?:I'm|I am|I was) the one (?:he|she|they|who)\b(?: \w+){0,2}",
        (
            r"(?:I'm|I am) (?:the|one of (?:the|his|her|their)) (?!only\b|sole\b|same\b|first\b|last\b|sort\b|kind\b|"
            r"type\b|"
            r"one\b)\w+(?: (?:who|that|with|from|of|in|at) \w+(?: \w+)?)?"
        ),
    ),
    (
        advice.ONLY_ADVICE,
        r"only (?:I|me|we)\b(?: \w+){0,3} (?:know|knows|saw|seen|heard|see|hear)\b",
        rf"{AM} the only (?:one|ones|person|people)\b",
        rf"{AM} the (?:only|sole) \w+(?: \w+){{0,3}}",
        r"(?:nobody|no[ -]?one) else (?:\w+ )?(?:knows?|saw|seen|heard|sees)\b",
        r"only (?:ever )?told (?:me|us)\b|told (?:only me|me (?:in (?:confidence|secret)|not to tell))\b",
        r"(?:nobody|no[ -]?one|none) (?:but|except|apart from|besides|other than|bar) (?:me|us|myself)\b",
        r"(?:except|apart from|besides|other than) (?:for )?(?:me|us|myself)\b",
        (
            r"(?:just|only) (?:me|us|the two of us|the three of us|him and me|her and me|me and (?:him|her|them|my))\b"
            r"(?: \w+){0,2}"
        ),
    ),
    (
        advice.DEALINGS_ADVICE,
        r"I (?:\w+ )?(?:owe|owed) (?:him|her|them)\b",
        r"I (?:\w+ )?(?:buy|bought|get|got|score|scored) (?:\w+ ){0,3}(?:from|off) (?:him|her|them)\b",
        r"(?:he|she|they)(?:'s|'ve)? (?:\w+ ){0,2}(?:sold|sells?) (?:(?:it|some|weed) )?(?:to )?(?:me|us)\b",
        r"(?:he|she|they)(?:'s|'ve)? (?:\w+ ){0,2}(?:threatened|hit|attacked) (?:me|us)\b",
        r"(?:he|she|they)(?:'s|'ve|'d|'ll)? (?:\w+ )?(?!of\b|than\b|like\b|and\b|or\b)\w+ (?:me|us)\b(?: \w+){0,2}",
        (
            r"(?:he|she|they) (?:\w+ )?(?:thinks?|thought|knows?|knew|says?|said|suspects?|believes?|found out|"
            r"guessed) "
            r"(?:that |about |it was |where |who )?(?:I|me|we|us|my)\b(?: \w+){0,2}"
        ),
        (
            r"(?:he|she|they)(?:'s|'ve)? (?:\w+ )?(?:(?:look|stare|shout|wave|nod|smile|point|grin|wink|talk|lie|speak|"
            r"swear|spit|"
            r"come|run)(?:s|d|ed|ded)?|swore|spat|came|ran|spoke) (?:\w+ )?(?:at|up to|after|towards|to|for|with) "
            r"(?:me|us)\b(?: \w+){0,2}"
        ),
    ),
    (advice.MINE_ADVICE, r"ours\b(?: \w+){0,2}"),
    (
        advice.TIME_ADVICE,
        rf"(?:me|us|my|our)\b[^.!?\n]{{0,40}}? (?:at |about |around |by )?{MINUTE}",
        rf"(?:I|we) (?!(?:{SEEING})\b)\w+\b[^.!?\n]{{0,40}}? (?:at |about |around |by )?{MINUTE}",
        rf"(?:at |about |around )?{MINUTE}[^.!?\n]{{0,30}}? (?:I (?!(?:{SEEING})\b)\w+|me|us)\b",
    ),
    (
        advice.VEHICLE_ADVICE,
        r"my (?:own )?(?:car|van|bike|motorbike|moped)(?:'s| is| reg\w*| plate| number)\b",
        r"my (?:own )?(?:number plate|reg|registration|car|van|bike|motorbike|moped|scooter|lorry|taxi|cab)\b",
    ),
)
