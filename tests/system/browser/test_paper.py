"""What a printer puts on paper, with the lines that a browser adds by itself."""

import base64
import io
import os
import re
import shutil
import subprocess
import unicodedata

import pytest
from PIL import Image
from pypdf import PdfReader

from tests.system.browser.conftest import all_of, press, violations

TEXT = "On Sundays a white van is loaded behind the swimming pool, and nobody speaks."


def on_paper(page):
    """Return what Chromium prints by default: with title, day and minute above, address below."""
    session = page.context.new_cdp_session(page)
    answer = session.send(
        "Page.printToPDF", {"displayHeaderFooter": True, "preferCSSPageSize": True}
    )
    return PdfReader(io.BytesIO(base64.b64decode(answer["data"])))


def printed(page):
    """Return the text on paper."""
    return text_of(on_paper(page))


def text_of(paper):
    text = "\n".join(one.extract_text() for one in paper.pages)
    return unicodedata.normalize("NFKC", text)  # the letters of a ligature one by one


@pytest.mark.promise("sender", control="test_control_a_page_of_news_is_printed_with_its_address")
def test_a_printed_receipt_holds_the_words_and_nothing_else(visit, demonstration):
    """A printed receipt holds the words and nothing else: no address, title or time."""
    page = visit("/report/", scripts=False)
    page.get_by_label("What do you know?").fill(f"{TEXT} " * 120)
    press(page, "Check what you wrote")
    text = " ".join(printed(page).split())
    assert text.count("swimming pool") == 120, "what is shown is printed"
    assert text.count("Check what you wrote") == 1, "the heading, and no title"
    assert [
        mark for mark in (demonstration.address, "127.0.0.1", "Streetlight") if mark in text
    ] == []
    assert not re.search(r"\d:\d\d", text)
    press(page, "Send this tip")
    words = all_of(page, ".receipt-card li", 7)
    assert sorted(
        word for word in printed(page).split() if not word.rstrip(".").isdigit()
    ) == sorted(words)


def test_a_slip_from_the_team_holds_the_words_and_where_to_keep_them(
    sign_in,
):
    page = sign_in()
    page.goto("/admin/reports/tip/record/")
    page.get_by_label("By phone").check()
    page.get_by_label("What does the sender know?").fill(TEXT)
    press(page, "Save tip and get the seven words")
    words = all_of(page, ".slip li", 7)
    text = printed(page)
    bare = sorted(word for word in text.split() if not word.rstrip(".").isdigit())
    assert bare == sorted([*words, *["Keep", "this", "where", "nobody", "looks."]])
    assert len(on_paper(page).pages) == 1
    assert page.title() == "Slip", "which a printer shows"


def test_control_a_page_of_news_is_printed_with_its_address(visit, demonstration):
    assert f"{demonstration.address}/outcomes/" in printed(visit("/outcomes/"))


HOST = (
    "streetlight.milton-keynes.example.org.uk/"  # a long one, where the demonstration has a number
)
A4 = (595, 842)  # in points
STORY = "/news/milton-keynes-drug-warrants/"
SHEETS = {  # by their queries: the codes on them, and how often each
    "sheet=poster": {STORY: 9},
    "sheet=poster&second=ur": {STORY: 5, "/ur/": 5},
    "sheet=poster&first=pl&second=en-gb": {"/pl/": 5, STORY: 5},
    "sheet=poster&first=ur&second=ro": {"/ur/": 5, "/ro/": 5},
    "sheet=cards&second=ur": {STORY: 5, "/ur/": 5},
    "sheet=cards&first=pl": {"/pl/": 10},
    "sheet=words&second=ur": {},
}
# What stands outside the sheet or its card, holds more than it is large, or covers what stands beside it.
CUT_OFF = """() => {
    const wrong = [], sheet = document.querySelector(".sheet"), box = one => one.getBoundingClientRect();
    const name = one => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`;
    const inside = (a, b) => Math.min(a.left - b.left, b.right - a.right, a.top - b.top, b.bottom - a.bottom) >= -1;
    if (sheet.scrollWidth > sheet.clientWidth) wrong.push("more than a sheet across");
    if (sheet.scrollHeight > sheet.clientHeight) wrong.push("more than a sheet down");
    for (const part of sheet.querySelectorAll("p, h1, li, div, section, svg")) {
        if (!inside(box(part), box(part.closest(".card") || sheet))) wrong.push(`outside: ${name(part)}`);
        for (const next of part.parentElement.children) {
            const a = box(part), b = box(next), across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (next !== part && across > 1 && down > 1) wrong.push(`covered: ${name(part)}`);
        }
    }
    return wrong;
}"""
# Of each headline how high a capital is, of each large code how wide it is without its border, and the size of a card.
# All in mm; and how many lines an address of a poster has.
MEASURED = """() => {
    const mm = pixels => pixels * 25.4 / 96, box = one => one.getBoundingClientRect();
    const capital = one => {
        const pen = document.createElement("canvas").getContext("2d"), style = getComputedStyle(one);
        pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        return mm(pen.measureText("H").actualBoundingBoxAscent);
    };
    const all = (what, of) => [...document.querySelectorAll(what)].map(of);
    return {
        capitals: all("h1:not(:lang(ur))", capital),
        headlines: all("h1", one => getComputedStyle(one).fontSize),
        codes: all("section > .square svg", one => {
            const modules = one.viewBox.baseVal.width;
            return mm(box(one).width) * (modules - 4) / modules;
        }),
        lines: all("section > .address bdi", one => new Set([...one.getClientRects()].map(r => r.top)).size),
        cards: all(".pocket", one => [Math.round(mm(box(one).width)), Math.round(mm(box(one).height))]),
    };
}"""
A3 = 2**0.5  # how much larger a sheet is
TYPED = (
    "host => document.querySelectorAll('.address bdi').forEach(one => one.firstChild.data = host)"
)


@pytest.fixture
def long_question(demonstration):
    """Ask as much as an appeal can, and return the address of its posters."""
    code = """
from newsroom.models import Appeal
appeal = Appeal.objects.filter(key="milton-keynes-drug-warrants")
print(appeal.get().pk, appeal.get().title, appeal.get().prompt, sep="\\n")
appeal.update(title=("Did you see a van? " * 9)[:120], prompt=("Small things count, such as doors. " * 9)[:300])
"""
    pk, *before = demonstration.shell(code).splitlines()
    yield f"/admin/newsroom/appeal/{pk}/posters/"
    back = "from newsroom.models import Appeal; Appeal.objects.filter(pk={}).update(title={!r}, prompt={!r})"
    demonstration.shell(back.format(pk, *before))


def read_codes(page, picture):
    """Return the addresses of the QR codes on a sheet, without a colour or a grey, and how often each is there."""
    Image.open(io.BytesIO(page.screenshot())).convert("L").point(
        lambda light: 255 * (light > 127)
    ).save(picture)
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return {address: found.count(address) for address in found}


def require_sizes(page, query):
    """Fail unless a poster is read from three metres, and a card fits where others are kept."""
    sizes = page.evaluate(MEASURED)
    if "poster" in query:
        assert min(sizes["capitals"]) >= 12
        assert min(sizes["capitals"]) * A3 >= 16.95
        assert len(set(sizes["headlines"])) == 1
        assert min(sizes["codes"]) >= 45
        assert set(sizes["lines"]) == {1}
    if "cards" in query:
        assert sizes["cards"] == [[85, 55]] * 10


@pytest.mark.parametrize("length", ["short", "long"])
def test_posters_and_cards_fit_a_sheet_and_their_codes_can_be_read(
    sign_in,
    demonstration,
    request,
    tmp_path,
    length,
):
    if shutil.which("zbarimg") is None:
        assert "CI" not in os.environ, "CI must have zbarimg"
        pytest.skip("no zbarimg here: no code is read back (on Debian: apt install zbar-tools)")
    page = sign_in(device_scale_factor=2)
    page.set_viewport_size({"width": 794, "height": 1123})
    page.emulate_media(media="print")
    page.goto("/admin/newsroom/appeal/?q=milton-keynes-drug-warrants")
    where = page.locator("#result_list a[href*=change]").first.get_attribute("href") or ""
    posters = where.split("change/")[0] + "posters/"
    if length == "long":
        assert request.getfixturevalue("long_question") == posters
    for query, codes in SHEETS.items():
        page.goto(f"{posters}?{query}")
        # That cards have no heading hurts nobody.
        assert [one for one in violations(page) if "page-has-heading-one" not in one] == [], query
        paper = on_paper(page)
        assert [tuple(round(side) for side in one.mediabox[2:]) for one in paper.pages] == [A4], (
            query
        )
        page.evaluate(TYPED, HOST)
        assert page.evaluate(CUT_OFF) == [], query
        require_sizes(page, query)
        wanted = {f"{demonstration.address}{path}": count for path, count in codes.items()}
        assert read_codes(page, tmp_path / "sheet.bmp") == wanted, query
        shown = text_of(paper).replace(f"127.0.0.1:{demonstration.port}", "")
        assert [mark for mark in ("127.0.0.1", "/admin/") if mark in shown] == [], query
        # Who prints it is "demo"; who runs the site is a demonstration, in each language.
        assert "demo" not in re.findall(r"\w+", shown), query
        assert not re.search(r"\d:\d\d|20\d\d", shown), "neither day nor time"
    page.evaluate(
        "document.querySelector('.scan').textContent = 'Too much to say. '.repeat(99)"
    )  # the control
    assert page.evaluate(CUT_OFF) != []
