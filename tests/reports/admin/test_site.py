import re

import pytest
from django.contrib.admin.models import LogEntry

from reports.models import Tip
from tests.reports.admin.conftest import sign_in, tiles

TIPS = "/admin/reports/tip/"
ACTS = ("save", "write", "wording", "acknowledge", "reveal")


def test_signing_out_lets_the_browser_forget_what_it_kept_all_the_same(unlocked):
    assert "Clear-Site-Data" not in unlocked.get(TIPS).headers
    assert unlocked.post("/admin/logout/").headers["Clear-Site-Data"] == '"cache"'


def test_titles_say_nothing_of_what_a_tip_says(unlocked, send):
    tip = send("A very secret van.", kind="home")
    pages = [unlocked.get(path).text for path in ("/admin/", TIPS, f"{TIPS}{tip.pk}/change/")]
    titles = [re.search("<title>(.*?)</title>", page, re.DOTALL).group(1) for page in pages]
    assert titles == [
        "Team area | Streetlight",
        "Tips | Streetlight",
        f"Tip {tip.reference} | Streetlight",
    ]


@pytest.mark.parametrize(
    ("path", "here"), [("/admin/", []), (TIPS, ["Tips"]), ("/admin/people/", ["People"])]
)
def test_menu_marks_where_a_page_belongs_and_names_what_the_member_may_open(
    caseworker, team_lead, path, here
):
    menu = sign_in(team_lead).get(path).text.split('class="desk-nav"')[1].split("</nav>")[0]
    assert re.findall(r'aria-current="true">([^<]+)</a>', menu) == here
    assert "People" in menu
    assert "People" not in [
        entry["name"] for entry in sign_in(caseworker).get("/admin/").context["menu"]
    ]


def test_first_screen_locked_says_what_waits(signed_in, send, caseworker):
    send(danger="yes")
    send()
    mine = send()
    Tip.objects.filter(pk=mine.pk).update(assignee=caseworker)
    response = signed_in.get("/admin/")
    page = response.text
    assert "Desk locked: 3 tips waiting, 1 urgent" in page
    assert tiles(signed_in) == {"urgent": 1, "unread": 2, "all": 3, "mine": 1}
    assert "Unlock and read next tip" in page
    assert "I have it" in page


def test_djangos_log_holds_nothing_of_tips(unlocked, send):
    tip = send()
    unlocked.get(f"{TIPS}{tip.pk}/change/")
    unlocked.post(f"{TIPS}{tip.pk}/save/", {"save-status": "spam", "save-note": "A secret note."})
    assert LogEntry.objects.count() == 0
    assert str(tip) == tip.reference
    assert not hasattr(tip, "get_absolute_url")
