"""The first screen shows each role its work, and none of what it may not see."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from newsroom.models import Article, WorkingCopy
from reports.domain.tips import opening, recusal
from reports.domain.triage import triaging
from reports.models import AuditEvent, Entry, Tip
from tests.conftest import make_user
from tests.factories import make_keyholder
from tests.newsroom.articles import make_article
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import sent
from tests.reports.handing import newest_keys

HOME = "/admin/"


def test_caseworker_sees_their_own_tips_and_the_answers(signed_in, caseworker, team_lead, send):
    own, answered, colleagues, decided, hidden = (send() for _ in range(5))
    for tip, who in (
        (own, caseworker),
        (colleagues, team_lead),
        (decided, caseworker),
        (hidden, caseworker),
    ):
        triaging.assign(tip=tip, to=who, by=team_lead)
    Tip.objects.filter(pk=decided.pk).update(status="no_action", decided="2026-11-23", unread=False)
    Tip.objects.filter(pk=answered.pk).update(new_answer=True)
    recusal.Recusal.objects.create(tip=hidden, user=caseworker, key_index=1, sealed=b"")
    context = signed_in.get(HOME).context
    assert [line["tip"] for line in context["for_me"]] == [own]
    assert [line["tip"] for line in context["answered"]] == [answered]
    page = signed_in.get(HOME).text
    assert page.index("Waiting for you") < page.index("1 new answer")
    assert hidden.reference not in page
    assert "Your stories" not in page
    assert "Check for tampering" not in page


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL plans by how many rows there are"
)
def test_all_numbers_come_from_one_look_through_the_tips(signed_in, send):
    send()

    def scans(queries):
        plans = {}
        with connection.cursor() as cursor:
            for query in queries:
                cursor.execute(f"EXPLAIN QUERY PLAN {query}")
                plans[query] = [row[3] for row in cursor.fetchall()]
        return [
            query
            for query, plan in plans.items()
            if {"SCAN reports_tip", "SCAN reports_entry"} & {*plan}
        ]

    with CaptureQueriesContext(connection) as captured:
        signed_in.get(HOME)
    asked = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    assert len(found := scans(asked)) == 1
    assert all(f"waits_{name}" in found[0] for name in ("urgent", "mine", "at_end", "going", "old"))
    assert scans([str(Tip.objects.filter(reviewed=None).query)]), "the control"
    assert "entry_not_opened" in Entry.objects.filter(opened=False).order_by("position").explain()
    assert "(tip_id=?)" in Tip.objects.get().entries.filter(opened=True).explain()


def test_tips_to_look_at_again_are_listed_from_their_day_for_who_has_them_or_all(
    signed_in, caseworker, team_lead, send
):
    own, nobodys, later, colleagues, spam, hidden = (send() for _ in range(6))
    today = timezone.localdate()
    for tip in (own, nobodys, colleagues, spam, hidden):
        triaging.look_again(tip=tip, on=today, by=team_lead)
    triaging.look_again(tip=later, on=today + timedelta(days=1), by=team_lead)
    for tip, who in ((own, caseworker), (colleagues, team_lead)):
        triaging.assign(tip=tip, to=who, by=team_lead)
    Tip.objects.filter(pk=spam.pk).update(status="spam", decided="2026-11-23")
    Tip.objects.filter(pk=own.pk).update(
        status="no_action", decided="2026-11-23", look_again="2026-11-24"
    )
    recusal.Recusal.objects.create(tip=hidden, user=caseworker, key_index=1, sealed=b"")
    response = signed_in.get(HOME)
    assert [line["tip"] for line in response.context["to_look_at_again"]] == [own, nobodys]
    assert "<h2>To look at again</h2>" in response.text
    assert "look again on 24 Nov 2026" in response.text
    assert {line["tip"] for line in sign_in(team_lead).get(HOME).context["to_look_at_again"]} == {
        nobodys,
        colleagues,
        hidden,
    }


def buttons(client):
    """Return where the buttons beside urgent tips lead to, and what they say, in the page's order."""
    page = client.get(HOME).text
    lists = "".join(re.findall(r'<ul class="own-list">(.*?)</ul>', page, re.DOTALL))
    return [
        (address, " ".join(re.sub("<[^>]+>", "", said).split()))
        for address, said in re.findall(
            r'action="([^"]+)">.*?<button[^>]*>(.*?)</button>', lists, re.DOTALL
        )
    ]


def test_caseworkers_take_urgent_tips_and_hand_back_theirs_as_team_leads_do_any(
    signed_in, caseworker, team_lead, send, roles
):
    rings, taken = send(danger="yes"), send(danger="yes")
    triaging.acknowledge(tip=taken, by=caseworker)
    take = (f"/admin/reports/tip/{rings.pk}/acknowledge/", f"I have it : {rings.reference}")
    back = (f"/admin/reports/tip/{taken.pk}/hand-back/", f"Hand back : {taken.reference}")
    assert buttons(signed_in) == [take, back]
    other = make_user("other", "Caseworker")
    for user in (other, team_lead):
        make_keyholder(user)
    assert buttons(sign_in(other)) == [take]
    assert back in buttons(sign_in(team_lead))
    assert buttons(sign_in(make_user("audrey", "Auditor"))) == []


def test_nobody_without_a_key_takes_a_tip_that_they_cannot_read(send, roles):
    tip, client = send(danger="yes"), sign_in(make_user("eve", "Caseworker"))
    assert buttons(client) == []
    assert "acknowledge/" not in client.get(f"/admin/reports/tip/{tip.pk}/change/").text
    assert "I have it</button>" not in client.get(HOME).text
    for act, sent_fields in (("acknowledge", {}), ("leave", {"leave-whom": "me"})):
        refused = client.post(f"/admin/reports/tip/{tip.pk}/{act}/", sent_fields, follow=True)
        assert "Ask a team lead to give you access." in refused.text
    assert (Tip.objects.get().acknowledged_at, Tip.objects.get().assignee) == (None, None)


def test_team_leads_have_one_page_of_what_they_look_through(roles):
    for name, may in (("Team lead", True), ("Caseworker", False)):
        client = sign_in(make_user(f"the-{name.lower().replace(' ', '-')}", name))
        assert ('href="/admin/team-leads/"' in client.get("/admin/").text) is may
        assert (client.get("/admin/team-leads/").status_code == 200) is may
    lead = sign_in(make_user("lena", "Team lead"))
    html = lead.get("/admin/team-leads/").text
    links = re.findall(r'<li><a href="(/admin/(?:reports|searches|dashboard)[^"]*)">', html)
    assert len(links) >= 5
    assert {lead.get(link).status_code for link in links} == {200}


def test_each_list_of_team_leads_leads_to_the_others(roles):
    lead = sign_in(make_user("lena", "Team lead"))
    lists = [f"/admin/reports/tip/{name}/" for name in ("danger", "deletions", "recusals")] + [
        "/admin/searches/"
    ]
    for here in lists:
        tabs = (
            lead.get(here)
            .text.partition('aria-label="Lists for team leads"')[2]
            .partition("</nav>")[0]
        )
        assert re.findall(r'href="([^"]+)"', tabs) == lists
        assert re.findall(r'href="([^"]+)" aria-current="page"', tabs) == [here]
    olu = sign_in(make_user("olu", "Caseworker"))
    assert "Lists for team leads" not in olu.get(lists[0]).text


def test_editor_sees_what_is_under_way_and_nothing_of_tips(roles, send):
    tip, now = send(), timezone.now()
    draft = make_article("a-draft", status=Article.Status.DRAFT, publish_at=None)
    later = make_article(
        "later", status=Article.Status.SCHEDULED, publish_at=now + timedelta(days=2)
    )
    out = make_article("out")
    copy = {"fields": {"headline": "Other"}, "changed_at": now, "changed_by": "ed", "token": "x"}
    changed = WorkingCopy.objects.create(article=out, **copy)
    client = sign_in(make_user("ed", "Editor"))
    context = client.get(HOME).context
    under_way = context["under_way"]
    assert [*under_way.drafts] == [draft]
    assert [*under_way.scheduled] == [later]
    assert [*under_way.out] == [out]
    assert [*under_way.changes] == [changed]
    WorkingCopy.objects.update(look_again="It was corrected meanwhile.")
    page = client.get(HOME).text
    assert "To look at again" in page
    assert "It was corrected meanwhile." in page
    assert f"/admin/newsroom/article/{draft.pk}/change/" in page
    assert tip.reference not in page
    assert "for_me" not in context


def test_tips_whose_sender_is_not_sure_stand_below_the_urgent_ones(unlocked, send):
    unsure, urgent = send(danger="unsure"), send(danger="yes")
    unlocked.get("/admin/reports/tip/")  # opens them
    page = unlocked.get("/admin/")
    assert [tab["name"] for tab in page.context["tabs"]][:3] == ["urgent", "unsure", "unread"]
    assert [line["tip"] for line in page.context["for_me"]] == [urgent, unsure]
    assert "Danger: not sure" in page.text
    Tip.objects.update(unread=False)
    text = unlocked.get("/admin/").text
    assert "2 tips waiting" in text
    assert '<a class="button" href="/admin/next/">' in text


def test_a_colleague_sees_who_gave_them_a_tip_and_why_until_they_have_read_it(
    unlocked, team_lead, let_in, send
):
    tip = send()
    page = unlocked.get(f"/admin/reports/tip/{tip.pk}/change/")
    given = {"save-assignee": team_lead.pk, "save-note": "You know <b>the street</b>."}
    unlocked.post(f"/admin/reports/tip/{tip.pk}/save/", sent(page) | given)
    triaging.note(tip=tip, text="Another note.", by=User.objects.get(username="olu"))
    assert "gave you this" not in unlocked.get(HOME).text
    colleague = let_in(team_lead)
    first = colleague.get(HOME).text
    assert re.search(
        r"olu gave you this on \d+ \w+, \d\d:\d\d\s+<q dir=\"auto\">You know &lt;b&gt;the street",
        first,
    )
    assert "Another note." not in first
    seen = AuditEvent.objects.filter(act="glimpsed", actor="lena", subject=tip.reference)
    assert seen.count() == 1
    assert "the street" not in "".join(
        map(str, AuditEvent.objects.values_list("detail", flat=True))
    )
    colleague.post("/admin/lock/")
    locked = colleague.get(HOME).text
    assert "olu gave you this" in locked
    assert "the street" not in locked
    assert seen.count() == 1
    opening.read(tip=tip, by=team_lead, keys=newest_keys())
    assert "gave you this" not in colleague.get(HOME).text
    triaging.assign(tip=tip, to=team_lead, by=User.objects.get(username="olu"))
    assert "olu gave you this" in colleague.get(HOME).text, "without a note"
    triaging.assign(tip=tip, to=team_lead, by=team_lead)
    assert "gave you this" not in colleague.get(HOME).text


def test_what_was_given_to_somebody_says_one_thing_in_queue_tip_and_first_screen(
    let_in, send, caseworker, team_lead
):
    tip, lead = send(danger="yes"), let_in(team_lead)
    triaging.assign(tip=tip, to=caseworker, by=team_lead)
    says = "given to olu, who has not said “I have it”"
    for page in (HOME, "/admin/reports/tip/", f"/admin/reports/tip/{tip.pk}/change/"):
        text = lead.get(page).text.partition('id="content"')[2]
        assert says in text, page
        text = re.sub("<option.*?</option>", "", text)  # of the filters
        assert not re.search("nobody has it|olu has it", text), page


def test_reading_every_tip_is_no_all_clear_while_nobody_has_an_urgent_one(let_in, send, team_lead):
    tip, lead = send(danger="yes"), let_in(team_lead)
    lead.get(f"/admin/reports/tip/{tip.pk}/change/")
    page = lead.get("/admin/next/", {"after": tip.reference}, follow=True)
    assert '<li class="warning">' in page.text
    assert '<a href="/admin/reports/tip/?waiting=urgent">Nobody has 1 urgent tip.</a>' in page.text
    triaging.acknowledge(tip=tip, by=team_lead)
    assert '<li class="success">' in lead.get("/admin/next/", follow=True).text, "the control"
