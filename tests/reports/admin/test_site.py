import re

from django.contrib.admin.models import LogEntry

from reports.models import Tip

TIPS = "/admin/reports/tip/"
ACTS = ("save", "write", "sanitise", "acknowledge", "reveal")


def test_signing_out_lets_the_browser_forget_what_it_kept_all_the_same(unlocked):
    assert "Clear-Site-Data" not in unlocked.get(TIPS).headers
    assert unlocked.post("/admin/logout/").headers["Clear-Site-Data"] == '"cache"'


def test_titles_say_nothing_of_what_a_tip_says(unlocked, send):
    tip = send("A very secret van.", kind="home")
    pages = [unlocked.get(path).text for path in ("/admin/", TIPS, f"{TIPS}{tip.pk}/change/")]
    titles = [re.search("<title>(.*?)</title>", page, re.DOTALL).group(1) for page in pages]
    assert titles == ["Team area | Streetlight", "Tips | Streetlight", f"Tip {tip.reference} | Streetlight"]


def test_first_screen_locked_says_what_waits(signed_in, send, caseworker):
    send(danger="yes")
    send()
    mine = send()
    Tip.objects.filter(pk=mine.pk).update(assignee=caseworker)
    response = signed_in.get("/admin/")
    page = response.text
    assert "Desk locked: 3 tips waiting, 1 urgent" in page
    counted = {tile["label"]: str(tile["waits"]) for tile in response.context["tiles"]}
    assert counted == {"urgent": "1", "unread": "2", "mine": "1", "nobody has it": "2"}
    assert "Unlock and read next tip" in page
    assert "Take this on" in page


def test_djangos_log_holds_nothing_of_tips(unlocked, send):
    tip = send()
    unlocked.get(f"{TIPS}{tip.pk}/change/")
    unlocked.post(f"{TIPS}{tip.pk}/save/", {"save-status": "spam", "save-note": "A secret note."})
    assert LogEntry.objects.count() == 0
    assert str(tip) == tip.reference
    assert not hasattr(tip, "get_absolute_url")
