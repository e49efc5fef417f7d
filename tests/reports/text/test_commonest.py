"""The language of a text, guessed from its letters and its commonest words."""

import pytest

from reports.text import commonest

TEXTS = {
    "ar": "كل ليلة تأتي سيارة رمادية إلى المرآب ويبيعون المخدرات",
    "bg": "Всяка вечер идва сива кола и продават наркотици в гаражите.",
    "bn": "প্রতি রাতে একটি গাড়ি আসে",
    "cy": "Bob nos mae car llwyd yn dod ac yn gwerthu cyffuriau.",
    "de": "Jeden Abend kommt ein graues Auto und er verkauft Drogen bei den Garagen.",
    "en": "I can see a man who sells drugs behind my house, please help",
    "es": "Todas las noches llega un coche gris y venden droga en los garajes.",
    "fa": "هر شب یک ماشین خاکستری می آید و آنها مواد می فروشند",
    "fr": "Chaque soir une voiture grise vient et ils vendent de la drogue dans le garage.",
    "gu": "દરરોજ રાત્રે એક કાર આવે છે",
    "hu": "Minden este jön egy szürke autó és drogot árulnak a garázsoknál.",
    "it": "Ogni sera arriva una macchina grigia e vendono droga nel garage.",
    "lt": "Kiekvieną vakarą atvažiuoja pilkas automobilis ir parduoda narkotikus prie garažų.",
    "pa": "ਹਰ ਰਾਤ ਇੱਕ ਕਾਰ ਆਉਂਦੀ ਹੈ",
    "pl": "sprzedaja narkotyki w garazu kolo sklepu, jest tam zawsze po 22",
    "pt": "Todas as noites vem um carro cinzento e vendem droga na garagem.",
    "ro": "În fiecare seară vine o mașină gri și vând droguri la garaje.",
    "ru": "Каждый вечер приезжает серая машина, и они продают наркотики у гаражей.",
    "so": "Habeen kasta gaari cawlan ayaa yimaada oo daroogo ku iibiya guriga.",
    "sq": "Çdo natë vjen një makinë gri dhe shesin drogë në garazhe.",
    "ta": "ஒவ்வொரு இரவும் ஒரு கார் வருகிறது",
    "tr": "Her gece gri bir araba geliyor ve orada uyuşturucu satıyorlar.",
    "uk": "Кожен вечір приїжджає сіра машина, і вони продають наркотики біля гаражів.",
    "ur": "ہر رات ایک گاڑی آتی ہے اور وہ منشیات بیچتے ہیں",
    "zh": "每天晚上都有一辆灰色的车来卖毒品",
}


def test_each_language_is_known_by_one_sentence():
    assert {code: commonest.guess(text) for code, text in TEXTS.items()} == {
        code: code for code in TEXTS
    }
    assert TEXTS.keys() == commonest.NAMES.keys() == {language.code for language in commonest.ALL}


@pytest.mark.parametrize(
    "text",
    ["", "KX21 VBN, Deano", "!!!", "1234 " * 900, "qqq zzz " * 50 + "the of", "A van. A lorry."],
)
def test_what_is_not_clear_is_not_guessed(text):
    assert commonest.guess(text) == ""
