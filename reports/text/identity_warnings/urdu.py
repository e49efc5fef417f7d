"""Urdu phrases that show who writes, in its own script and in Latin letters, as on many telephones."""

from reports.text.identity_warnings import advice
from reports.text.identity_warnings.advice import patterns

MY = r"(?:میرا|میری|میرے|ہمارا|ہماری|ہمارے|اپنا|اپنی|اپنے)"
MERA = r"(?:mer[aie]|ham+ar[aie]|hum+ar[aie]|apn[aie])"
AM = r"(?:ہوں|ہیں|تھا|تھی|تھے|رہا|رہی)"
HOON = r"(?:hu|hun|hoon|hoo|hain|tha|thi|raha|rahi)"
KIN = (
    r"بھائی|بہن|والد\w*|ماں|باپ|امی|ابو|شوہر|خاوند|بیوی|بیٹا|بیٹے|بیٹی|کزن|چچا|ماموں|خالہ|پھوپھی|پھپھو|دادا|دادی|نانا|"
    r"نانی|سسر|ساس|دیور|بھابھی|بہنوئی|سالا|سالے|دوست\w*|منگیتر|بچہ|بچے|بچی|بچوں|باس|مالک|کرایہ دار|ساتھی|سابق\w*|خاندان"
)
KIN_LATIN = (
    r"bhai|bh?ehe?n|behan|walid\w*|maa|ammi|abb?u|shohar|shauhar|khawand|biwi|beta|bete|beti|cousin|kazin|chacha|"
    r"mamu\w?|"
    r"khala|phupho|phuppi|dada|dadi|nana|nani|susar|saas|devar|bhabhi|dost|mangetar|bacha|bache|bachay|bachi|boss|"
    r"malik|"
    r"sathi|khandan"
)
HOME = r"گھر|مکان|فلیٹ|کھڑکی|دروازہ|دروازے|باغ|صحن|کمرہ|کمرے|باورچی خانے|گلی|محلے|محلہ|پتہ|بالکونی|چھت|گیراج|بلڈنگ"
HOME_LATIN = (
    r"ghar|makan|makaan|flat|khirki|khidki|darwaz[ae]|bagh|sehan|kamr[ae]|gali|gal+i|mohall?[ae]|pata|address|chhat|"
    r"building"
)
NEXT = r"سامنے|ساتھ|برابر|اوپر|نیچے|قریب|پیچھے|پاس"
NEXT_LATIN = r"samne|samnay|sath|saath|barabar|upar|oopar|neeche|niche|qareeb|qarib|peeche|pass?"

PATTERNS = patterns(
    (
        advice.REACH_ADVICE,
        rf"{MY} (?:\w+ )?(?:نمبر|فون|موبائل|ای میل|واٹس ایپ|واٹس)\b",
        r"مجھے (?:کال|فون|میسج|ٹیکسٹ)\b|مجھ سے رابطہ",
        (
            rf"{MERA} (?:\w+ )?(?:number|numbar|nambar|phone|fone|mobile|email|whatsapp)\b|mujhe (?:call|phone|text|"
            rf"message)\b"
        ),
    ),
    (advice.NAME_ADVICE, r"میرا نام(?: \w+){1,2}", r"mera na+m(?: \w+){1,2}"),
    (advice.HOME_ADVICE, rf"{MY} (?:\w+ )?(?:{HOME})\b", rf"{MERA} (?:\w+ )?(?:{HOME_LATIN})\b"),
    (
        advice.NEAR_ADVICE,
        rf"{MY} (?:\w+ )?(?:پڑوس\w*|ہمسای\w*|ہمسائ\w*)",
        rf"(?:میں|ہم)(?: \w+){{0,5}} (?:رہتا|رہتی|رہتے) {AM}",
        rf"{MY} (?:\w+ )?(?:{NEXT})\b",
        rf"{MERA} (?:\w+ )?(?:padosi|parosi|pados\w*|paros\w*|hamsay[ae]\w*)\b",
        rf"(?:main|mein|mai|hum|ham)(?: \w+){{0,5}} (?:reh?ta|reh?ti|reh?te|rahta|rahti|rahte) {HOON}\b",
        rf"{MERA} (?:\w+ )?(?:{NEXT_LATIN})\b",
    ),
    (advice.KIN_ADVICE, rf"{MY} (?:\w+ )?(?:{KIN})\b", rf"{MERA} (?:\w+ )?(?:{KIN_LATIN})\b"),
    (
        advice.WORK_ADVICE,
        rf"(?:میں|ہم)(?: \w+){{0,6}} (?:کام|نوکری|صفائی|ڈیلیوری|ملازمت) (?:کرتا|کرتی|کرتے|کر) {AM}",
        rf"{MY} (?:\w+ )?(?:کام|دفتر|دکان|سکول|اسکول|کالج|نوکری|شفٹ)\b",
        r"میں (?:\w+ )?(?:نرس|استاد|استانی|ڈاکٹر|ڈرائیور|ڈاکیا|طالب علم) ہوں",
        (
            rf"(?:main|mein|mai|hum|ham)(?: \w+){{0,6}} (?:kaam|kam|naukri|safai|delivery) (?:karta|karti|karte|"
            rf"kar) {HOON}\b"
        ),
        rf"{MERA} (?:\w+ )?(?:kaam|daftar|dukan|dukaan|school|college|naukri|shift)\b",
    ),
    (
        advice.ONLY_ADVICE,
        r"صرف (?:میں|مجھے|ہم|ہمیں)\b(?: \w+)?|میرے علاوہ(?: \w+){0,2}|کسی اور کو(?: \w+){0,2}",
        (
            r"sirf (?:main|mein|mujhe|hum|hamein)\b(?: \w+)?|mere (?:ilawa|alawa)\b(?: \w+){0,2}|"
            r"kisi aur ko\b(?: \w+){0,2}"
        ),
    ),
    (
        advice.DEALINGS_ADVICE,
        r"مجھے (?:\w+ )?(?:دھمکی|دھمکیاں|مارا|مارتا|بیچ\w*|جانتا|جانتے)|مجھ پر حملہ|اس کا مقروض",
        r"(?:اس|انہوں) نے (?:مجھے|ہمیں)(?: \w+){1,2}",
        r"میں(?: \w+){0,3} (?:اس|ان) سے (?:\w+ )?(?:خرید\w+|لیتا|لیتی)",
        r"(?:us ?ne|unhon ?ne) (?:mujhe|hamein)(?: \w+){1,2}",
        r"mujhe (?:\w+ )?(?:dhamki\w*|mara|maara|becha|bechta|janta)\b|mujh par hamla|uska maqrooz",
    ),
    (
        advice.VEHICLE_ADVICE,
        rf"{MY} (?:\w+ )?(?:گاڑی|کار|موٹر سائیکل|سائیکل|وین)\b",
        rf"{MERA} (?:\w+ )?(?:gar+i|gaar+i|motor ?cycle|bike|cycle)\b",
    ),
)
