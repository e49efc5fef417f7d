"""A sender's browser: what somebody does in it, and what lies in its profile afterwards."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Error, expect

from tests.system.browser.conftest import follow, press

TEXT = "A quixotic holdall lies behind the bottle bank."
BEGIN = "Tell us what you know"
WRITES = 3_000  # milliseconds after which Chromium has written what it keeps of a session


def written(page):
    """Write a tip, check it, change it and check it again, as slowly as people do."""
    page.goto("/report/")
    page.get_by_label("What do you know?").fill(TEXT)
    for button in ("Check what you wrote", "Go back and change it", "Check what you wrote"):
        page.wait_for_timeout(WRITES)
        press(page, button, exact=False)  # an arrow stands before one of them
    return page


def go(page, way):
    """Press Back or Forward; a page that replaces itself at once may end what Playwright waits for."""
    with suppress(Error):
        (page.go_back if way == "back" else page.go_forward)(wait_until="commit")


def turn(page, way, heading):
    """Press Back or Forward and return what the page then holds, in its boxes too."""
    go(page, way)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    boxes = page.locator("textarea").evaluate_all("boxes => boxes.map((box) => box.value).join()")
    return f"{page.content()} {boxes}"


def leave(page):
    """Press Exit."""
    follow(page.get_by_role("link", name="Exit this page"))
    expect(page).to_have_url("https://www.bbc.co.uk/weather")


def files_with(profile, *texts):
    """Return the files of a closed profile that hold one of the texts in any way in which browsers write them."""
    forms = [
        form
        for text in texts
        for form in (
            text.encode(),
            text.encode("utf-16-le"),
            text.replace(" ", "+").encode(),
            text.replace(" ", "%20").encode(),
        )
    ]
    files = [path for path in profile.rglob("*") if path.is_file()]
    return {path.name for path in files if any(form in path.read_bytes() for form in forms)}


def kill(profile):
    """End the browser that has this profile as a power cut would."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"--user-data-dir={profile}".encode() in (process / "cmdline").read_bytes().split(
                b"\0"
            ):
                os.kill(int(process.name), signal.SIGKILL)
    time.sleep(1)
