"""A sender who wrote from our pages in another language: what the tip's page shows, and how they are answered."""

import pytest

from reports import replies
from reports.domain.intake import outbox, receiving
from reports.domain.mailbox import senders_side
from reports.domain.triage import labels
from reports.models import Message, ReplyTemplate, Tip
from reports.sealing import receipts
from tests.languages import catalogue
from tests.reports import telling
from tests.reports.admin.tip_page import address, press
from tests.reports.admin.tips.test_messages import panel, talk
from tests.reports.filled import Filled

TOKEN = "Ab3-xY_9qLm0Zt7"
PAGES = "Sent from our pages in Polish."
POLISH, ENGLISH = "Dziękujemy. Przeczytaliśmy to.", str(replies.READ)
URDU = "کیا یہ دن میں تھا؟"


def tell(**facts):
    """Send a tip whose words no guess finds a language for, from pages in Polish unless something else is said."""
    receiving.accept(token=TOKEN, answers={"what": "Xylophone 7."}, **{"language": "pl"} | facts)
    outbox.drain()
    return Tip.objects.get(lookup=receipts.lookup(TOKEN))


@pytest.fixture
def start(passphrase, tmp_path, settings):
    """Return what the button for a ready reply sends, with a Polish catalogue that has one."""
    catalogue.write(tmp_path, "pl", {ENGLISH: POLISH}, settings)
    labels.begin_with_the_usual(by=None)
    return {"write-reply": str(ReplyTemplate.objects.get(text=ENGLISH).pk)}


def test_the_language_of_the_pages_is_shown_and_comes_before_a_guess(unlocked):
    tip = tell(language="ur")
    receiving.accept(
        token=TOKEN, answers={"what": "A van comes every night to the garages."}, language="pl"
    )
    outbox.drain()
    page = unlocked.get(address(tip)).text
    assert (page.count("Sent from our pages in Urdu."), page.count(PAGES)) == (1, 1)
    assert '<option value="pl" selected>Polish</option>' in page
    assert "In another language?" not in page
    telling.reply(token=TOKEN, text="Zither.", after=0, language="ro")
    page = unlocked.get(address(tip)).text
    assert "sent from our pages in Romanian" in page
    assert '<option value="ro" selected>Romanian</option>' in page
    press(unlocked, tip, "translate", translate__language="so", translate__text="")
    assert '<option value="so" selected>Somali</option>' in unlocked.get(address(tip)).text


def test_from_english_pages_nothing_is_said_of_any(unlocked):
    page = unlocked.get(address(tell(language=""))).text
    assert "our pages in" not in page
    assert "In another language?" in page
    assert "Write about the sender’s own safety" not in page


def test_a_locked_desk_says_nothing_of_a_language(unlocked):
    tip = tell()
    assert PAGES in unlocked.get(address(tip)).text
    unlocked.post("/admin/lock/")
    assert "Polish" not in unlocked.get(address(tip)).text


def test_a_ready_reply_comes_in_the_senders_language_with_its_english_below(unlocked, start):
    tip = tell()
    form = panel(unlocked.post(address(tip, "write") + "start/", start))
    assert (form.texts["write-text"].strip(), form.texts["write-english"].strip()) == (
        POLISH,
        ENGLISH,
    )
    typed = start | {"write-text": POLISH, "write-english": "Hello."}
    form = panel(unlocked.post(address(tip, "write") + "start/", typed))
    assert form.texts["write-text"].strip() == f"{POLISH}\n\n{POLISH}"
    assert form.texts["write-english"].strip() == f"Hello.\n\n{ENGLISH}"
    assert Message.objects.count() == 0


@pytest.mark.parametrize("language", ["", "ro"])
def test_a_ready_reply_without_a_translation_stays_in_english(unlocked, start, language):
    form = panel(unlocked.post(address(tell(language=language), "write") + "start/", start))
    assert (form.texts["write-text"].strip(), form.texts.get("write-english", "").strip()) == (
        ENGLISH,
        "",
    )


def test_a_ready_reply_that_a_lead_changed_stays_as_they_wrote_it(unlocked, start):
    ReplyTemplate.objects.update(text="Thanks.")
    form = panel(unlocked.post(address(tell(), "write") + "start/", start))
    assert (form.texts["write-text"].strip(), form.texts.get("write-english", "").strip()) == (
        "Thanks.",
        "",
    )


def test_its_english_stands_below_a_message_for_the_team_alone(unlocked):
    tip = tell()
    page = press(
        unlocked, tip, "write", write__text=POLISH, write__english=ENGLISH, **{"write-asks": "no"}
    )
    assert (
        talk(page).index(POLISH)
        < talk(page).index("In English, for the team:")
        < talk(page).index(ENGLISH)
    )
    box = senders_side.open_mailbox(token=TOKEN)
    assert box is not None
    assert [letter.text for letter in box.letters] == [POLISH]


def test_a_script_that_we_cannot_read_is_refused_until_it_is_ticked(unlocked):
    tip = tell(language="")  # so the box for the English is folded away at first
    typed = {"write__text": URDU, "write__english": "was it by day?"}
    refused = press(unlocked, tip, "write", **typed, **{"write-asks": "no"})
    assert "We cannot look for names in this script." in talk(refused)
    assert Filled(refused.text).fields["write-english"] == ["was it by day?"]
    assert "Write about the sender’s own safety" in refused.text
    sent = press(unlocked, tip, "write", on=refused, write__checked="on", **{"write-asks": "no"})
    assert "The sender can now see your message." in sent.text


def test_about_the_senders_own_safety_it_goes_at_once(unlocked):
    tip = tell(language="ur")
    sent = press(
        unlocked,
        tip,
        "own-safety",
        **{"own-safety-text": "وہاں نہ جائیں۔", "own-safety-reason": "He is armed."},
    )
    assert "The sender can now see your message. A team lead will look at it tomorrow." in sent.text
    assert Message.objects.count() == 1
