import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.test import Client

from reports.models import Tip
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

TIPS = "/admin/reports/tip/"
ACTS = ("save", "write", "sanitise", "acknowledge", "reveal")


def test_every_way_back_begins_at_the_desk(lead):
    client = sign_in(lead)
    for path in ("/admin/password_change/", "/admin/password_change/done/", "/admin/reports/label/"):
        assert '<li><a href="/admin/">Desk</a></li>' in client.get(path).text, path
    assert "<title>Labels | Streetlight</title>" in " ".join(client.get("/admin/reports/label/").text.split())


def test_every_page_is_kept_by_no_browser(unlocked, send, client):
    tip = send()
    paths = ["/admin/", TIPS, f"{TIPS}{tip.pk}/change/", "/admin/next/", "/admin/password_change/", "/admin/jsi18n/"]
    responses = [*(unlocked.get(path) for path in paths), client.get("/admin/login/"), client.get("/admin/")]
    kept = {response["Cache-Control"] for response in responses}
    assert kept == {"max-age=0, no-cache, no-store, must-revalidate, private"}


def test_signing_out_lets_the_browser_forget_what_it_kept_all_the_same(unlocked):
    assert "Clear-Site-Data" not in unlocked.get(TIPS).headers
    assert unlocked.post("/admin/logout/").headers["Clear-Site-Data"] == '"cache"'


def test_titles_say_nothing_of_what_a_tip_says(unlocked, send):
    tip = send("A very secret van.", kind="home")
    pages = [unlocked.get(path).text for path in ("/admin/", TIPS, f"{TIPS}{tip.pk}/change/")]
    titles = [re.search("<title>(.*?)</title>", page, re.DOTALL).group(1) for page in pages]
    assert titles == ["Desk | Streetlight", "Tips | Streetlight", f"Tip {tip.reference} | Streetlight"]


def test_demonstration_says_so_on_every_page(unlocked, send, settings):
    paths = ("/admin/", TIPS, f"{TIPS}{send().pk}/change/", "/admin/password_change/")
    sign = "Demonstration. Nobody reads this."
    assert not any(sign in unlocked.get(path).text for path in paths)
    settings.DEMO = True
    assert all(sign in unlocked.get(path).text for path in paths)


def test_first_screen_locked_says_what_waits(signed_in, send, officer):
    send(danger="yes")
    send()
    mine = send()
    Tip.objects.filter(pk=mine.pk).update(assignee=officer)
    response = signed_in.get("/admin/")
    page = response.text
    assert "Desk locked: 3 sealed tips, 1 urgent" in page
    counted = {tile["label"]: str(tile["waits"]) for tile in response.context["tiles"]}
    assert counted == {"urgent": "1", "unread": "3", "mine": "1", "given to nobody": "2"}
    assert "Unlock and read next" in page
    assert "I am taking care of it" in page


@pytest.mark.parametrize(
    ("role", "rooms"),
    [
        ("Editor", ["Appeals", "Areas", "Articles", "Authors", "Images", "Topics"]),
        ("Officer", []),
        ("Lead", ["Labels", "Partners", "Replies to start from"]),
        ("Auditor", []),
    ],
)
def test_first_screen_shows_each_role_its_rooms_alone(roles, role, rooms):
    response = sign_in(make_user("memba", role)).get("/admin/")
    shown = [model["name"] for app in response.context["rooms"] for model in app["models"]]
    assert shown == rooms
    assert ("sealed tips" in response.text) == (role in ("Officer", "Lead"))


def test_djangos_log_holds_nothing_of_tips(unlocked, send):
    tip = send()
    unlocked.get(f"{TIPS}{tip.pk}/change/")
    unlocked.post(f"{TIPS}{tip.pk}/save/", {"save-status": "spam", "save-note": "A secret note."})
    assert LogEntry.objects.count() == 0
    assert str(tip) == tip.reference
    assert not hasattr(tip, "get_absolute_url")


def test_posts_without_the_forms_mark_are_refused(officer, send):
    tip = send()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = sign_in(officer).cookies
    for path in ("/admin/unlock/", "/admin/lock/", *(f"{TIPS}{tip.pk}/{act}/" for act in ACTS)):
        assert strict.post(path).status_code == 403


def test_desk_has_the_colours_of_the_site():
    def colours(name: str) -> list[dict[str, str]]:
        text = (Path(settings.BASE_DIR) / "static/css" / name).read_text(encoding="utf-8")
        light, dark = text.split("prefers-color-scheme: dark", 1)
        return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", part.split("}")[0])) for part in (light, dark)]

    for desk, site in zip(colours("desk.css"), colours("site.css"), strict=True):
        shared = desk.keys() & site.keys()
        assert len(shared) >= 10
        assert {name: desk[name] for name in shared} == {name: site[name] for name in shared}
