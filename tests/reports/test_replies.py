"""A built-in reply comes translated where somebody has checked it, as long as nobody changed its English."""

import polib
import pytest
from django.conf import settings

from core import catalogues
from core.languages import BEGIN, END, NAMES
from reports import replies
from reports.text import disclosure
from tests.languages import catalogue

MORE = settings.PLACE.numbers["emergency"].more
OWN = {
    str(replies.READ): "Dziękujemy. Przeczytaliśmy to.",
    str(replies.IN_DANGER): "W niebezpieczeństwie proszę dzwonić: {emergency}. {emergency.more}",
}


def in_polish(text):
    return replies.translated(replies.filled(text), "pl")


def test_a_reply_comes_translated_with_the_places_number_and_text(tmp_path, settings):
    catalogue.write(tmp_path, "pl", OWN | {MORE: "Proszę nacisnąć 55."}, settings)
    assert in_polish(replies.READ) == "Dziękujemy. Przeczytaliśmy to."
    assert (
        in_polish(replies.IN_DANGER)
        == "W niebezpieczeństwie proszę dzwonić: 999. Proszę nacisnąć 55."
    )
    assert replies.is_built_in(f"{in_polish(replies.READ)}\n\n{in_polish(replies.IN_DANGER)}")
    assert not replies.is_built_in(f"{in_polish(replies.READ)} Kev.")
    assert not replies.is_built_in(replies.filled(replies.READ))


@pytest.mark.promise(
    "messages", control="test_a_reply_comes_translated_with_the_places_number_and_text"
)
def test_what_nobody_checked_and_what_somebody_changed_has_no_translation(tmp_path, settings):
    """A reply that nobody has checked in another language, or whose English was changed, stays in English."""
    catalogue.write(
        tmp_path, "pl", OWN | {str(replies.READ): f"{BEGIN}{replies.READ}{END}"}, settings
    )
    assert in_polish(replies.READ) == ""  # as `prepare` compiles what is not checked
    assert in_polish(replies.IN_DANGER) == ""  # the place's own text is missing
    assert in_polish(replies.WHEN) == ""  # missing
    assert in_polish(f"{replies.READ} Bye.") == ""
    for code in ("", "en", "en-gb", "ro", "cy", "de"):
        assert replies.translated(replies.filled(replies.READ), code) == ""


@pytest.mark.parametrize("code", NAMES)
def test_our_translations_pass_the_check_for_names(code):
    said = {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogues.path_of(code)))}
    number = settings.PLACE.numbers["emergency"]._replace(more="")
    texts = [said.get(str(reply), "").format(emergency=number) for reply in replies.ALL]
    found = {text: disclosure.find(text, public=settings.PLACE.public_names) for text in texts}
    assert found == dict.fromkeys(texts, ())
