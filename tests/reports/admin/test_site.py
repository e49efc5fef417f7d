import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from newsroom.models import Appeal, Area, Article, Author, Image, Topic
from reports.domain import intake
from reports.models import AuditEvent, Enquiry, Label, Member, Outcome, Pack, Partner, ReplyTemplate, Tip
from reports.sealing import receipts
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

TIPS, KEYS, RECORD = "/admin/reports/tip/", "/admin/reports/member/", "/admin/reports/auditevent/"
PEOPLE, NEWS = "/admin/auth/user/", "/admin/newsroom/article/"

# Which status each role gets for a look at each room: 200 may look, 403 may not.
MAY_LOOK = {
    "Editor": {TIPS: 403, KEYS: 403, RECORD: 403, PEOPLE: 403, f"{PEOPLE}add/": 403, NEWS: 200, f"{NEWS}add/": 200},
    "Officer": {TIPS: 200, KEYS: 403, RECORD: 403, PEOPLE: 403, f"{PEOPLE}add/": 403, NEWS: 403, f"{NEWS}add/": 403},
    "Lead": {TIPS: 200, KEYS: 200, RECORD: 200, PEOPLE: 200, f"{PEOPLE}add/": 403, NEWS: 403, f"{NEWS}add/": 403},
    "Auditor": {TIPS: 403, KEYS: 403, RECORD: 200, PEOPLE: 403, f"{PEOPLE}add/": 403, NEWS: 403, f"{NEWS}add/": 403},
}
# Whether each role may do each act on a tip.
MAY_ACT = {"Editor": False, "Officer": True, "Lead": True, "Auditor": False}
ACTS = ("save", "write", "sanitise", "acknowledge", "reveal")


@pytest.fixture
def member(roles, request):
    """Return the browser of a member of one role, with its name."""
    return sign_in(make_user("memba", request.param)), request.param


@pytest.mark.parametrize("member", MAY_LOOK, indirect=True)
def test_roles_may_look_at_exactly_their_rooms(member):
    client, role = member
    assert {path: client.get(path).status_code for path in MAY_LOOK[role]} == MAY_LOOK[role]


@pytest.mark.parametrize("member", MAY_ACT, indirect=True)
def test_roles_may_act_on_tips_or_not(member, send):
    client, role = member
    tip = send()
    statuses = {act: client.post(f"{TIPS}{tip.pk}/{act}/").status_code for act in ACTS}
    expected = dict.fromkeys(ACTS, 200) | {"acknowledge": 302}  # 200: the page says that they have no key
    assert statuses == (expected if MAY_ACT[role] else dict.fromkeys(ACTS, 403))
    page = {client.get(f"{TIPS}{tip.pk}/change/").status_code, client.get("/admin/next/").status_code}
    assert page == ({200, 302} if MAY_ACT[role] else {403})


@pytest.mark.parametrize("member", MAY_ACT, indirect=True)
def test_nobody_adds_or_deletes_tips_keys_or_events(member, send):
    client, _ = member
    tip = send()
    assert client.get(f"{TIPS}{tip.pk}/delete/").status_code == 403
    assert {client.get(f"{room}add/").status_code for room in (TIPS, KEYS, RECORD)} == {403}


def test_stranger_is_sent_to_sign_in_from_every_room(client, db):
    for path in ("/admin/", TIPS, KEYS, RECORD, PEOPLE, NEWS, "/admin/unlock/", "/admin/next/"):
        assert client.get(path)["Location"] == f"/admin/login/?next={path}"


def test_site_opens_our_rooms_and_no_other():
    news = {Article, Appeal, Topic, Area, Author, Image}
    assert set(admin.site._registry) == {
        *(Tip, Enquiry, Outcome, Pack, Partner, Label, ReplyTemplate, Member, AuditEvent, User),
        *news,
    }


def test_every_way_back_begins_at_the_desk(lead):
    client = sign_in(lead)
    for path in ("/admin/password_change/", "/admin/password_change/done/", "/admin/reports/label/"):
        assert '<li><a href="/admin/">Desk</a></li>' in client.get(path).text, path
    assert "<title> Labels | Streetlight </title>" in " ".join(client.get("/admin/reports/label/").text.split())


def test_every_page_is_kept_by_no_browser(unlocked, send, lead, client):
    tip = send()
    paths = ["/admin/", TIPS, f"{TIPS}{tip.pk}/change/", "/admin/next/", "/admin/password_change/", "/admin/jsi18n/"]
    responses = [unlocked.get(path) for path in paths]
    responses += [sign_in(lead).get(path) for path in (KEYS, RECORD, PEOPLE, "/admin/unlock/")]
    responses += [client.get("/admin/login/"), client.get("/admin/")]
    assert {response["Cache-Control"] for response in responses} == {
        "max-age=0, no-cache, no-store, must-revalidate, private"
    }


def test_signing_out_lets_the_browser_forget_what_it_kept_all_the_same(unlocked):
    assert "Clear-Site-Data" not in unlocked.get(TIPS).headers
    assert unlocked.post("/admin/logout/").headers["Clear-Site-Data"] == '"cache"'


def test_titles_say_nothing_of_what_a_tip_says(unlocked, send):
    tip = send("A very secret van.", kind="home")
    pages = [unlocked.get(path).content.decode() for path in ("/admin/", TIPS, f"{TIPS}{tip.pk}/change/")]
    titles = [re.search("<title>(.*?)</title>", page, re.DOTALL).group(1) for page in pages]
    assert titles == ["Desk | Streetlight", "Tips | Streetlight", f"Tip {tip.reference} | Streetlight"]


def test_demonstration_says_so_on_every_page(unlocked, send, settings):
    paths = ("/admin/", TIPS, f"{TIPS}{send().pk}/change/", "/admin/password_change/")
    sign = "Demonstration. Nobody reads this."
    assert not any(sign in unlocked.get(path).content.decode() for path in paths)
    settings.DEMO = True
    assert all(sign in unlocked.get(path).content.decode() for path in paths)


def test_first_screen_locked_says_what_waits(signed_in, send, officer):
    send(danger="yes")
    send()
    mine = send()
    Tip.objects.filter(pk=mine.pk).update(assignee=officer)
    response = signed_in.get("/admin/")
    page = response.content.decode()
    assert "Desk locked: 3 sealed tips, 1 urgent" in page
    counted = {tile.label: str(tile.waits) for tile in response.context["tiles"]}
    assert counted == {"urgent": "1", "unread": "3", "mine": "1", "given to nobody": "2"}
    assert "Unlock and read next" in page
    assert "I am taking care of it" in page


def test_first_screen_counts_what_waits_in_the_outbox(signed_in, phrase):
    intake.accept(token=receipts.new_token(), answers={"what": "A van."})
    assert "Desk locked: 1 sealed tip, 0 urgent" in signed_in.get("/admin/").content.decode()


def test_first_screen_unlocked_offers_the_next_tip(unlocked, send):
    send()
    page = unlocked.get("/admin/").content.decode()
    assert "1 tip to read" in page
    assert '<a class="button" href="/admin/next/">Read next</a>' in page
    assert "Desk locked" not in page


@pytest.mark.parametrize(
    ("role", "rooms"),
    [
        ("Editor", ["Appeals", "Areas", "Articles", "Authors", "Images", "Topics"]),
        ("Officer", []),
        ("Lead", ["Users", "Keyholders", "Labels", "Partners", "Replies to start from"]),
        ("Auditor", []),
    ],
)
def test_first_screen_shows_each_role_its_rooms_alone(roles, role, rooms):
    response = sign_in(make_user("memba", role)).get("/admin/")
    shown = [model["name"] for app in response.context["rooms"] for model in app["models"]]
    assert shown == rooms
    assert ("sealed tips" in response.content.decode()) == (role in ("Officer", "Lead"))


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
