"""A small catalogue of a test's own, compiled as `prepare` does."""

import polib


def write(folder, code, texts, given):
    """Let these texts be all that is said in a language; `given` are the test's settings."""
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": code}
    catalogue.extend(polib.POEntry(msgid=english, msgstr=own) for english, own in texts.items())
    (folder / code / "LC_MESSAGES").mkdir(parents=True)
    catalogue.save_as_mofile(str(folder / code / "LC_MESSAGES" / "django.mo"))
    given.LOCALE_PATHS = [folder]
