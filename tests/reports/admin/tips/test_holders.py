"""A tip's page where not all came with the same seven words, and where a sender has changed their answer."""

from reports.domain.intake import outbox, receiving
from reports.domain.tips import opening
from reports.models import ChangedAnswer, Message, Tip
from tests.factories import make_user
from tests.reports import forging, telling
from tests.reports.admin.tip_page import address, press
from tests.reports.mailboxes import TOKEN

MIXED = "Not all of this tip was sent with the same seven words."
SUMMARY = "The sender has changed their answer"
CHOICE = "Send it to the person who sent this:"


def forged(tip, caseworker, keys):
    """Add a part that somebody else sent, with details of their own."""
    answers = {
        "what": "My number has changed.",
        "contact": "details",
        "contact_details": "07700 900999",
    }
    forging.leave(tip.lookup, kind="tip", answers=answers, reply_to=forging.stranger())
    outbox.drain()
    opening.open_new(by=caseworker, keys=keys)


def test_page_says_that_another_wrote_and_only_a_team_lead_chooses_who_is_sent_it(
    unlocked, send, caseworker, let_in, keys
):
    tip = send(contact="details", contact_details="07700 900111")
    assert MIXED not in unlocked.get(address(tip)).text
    forged(tip, caseworker, keys)
    page = unlocked.get(address(tip)).text
    assert MIXED in page
    before = page.partition(MIXED)[0]
    assert before.count("<details") == before.count("</details>"), "it is never folded away"
    refused = press(unlocked, tip, "write", write__text="was it at night?", write__asks="yes").text
    assert "A team lead must choose who gets your message." in refused
    leading = let_in(make_user("lena", "Team lead"))
    assert CHOICE in leading.get(address(tip)).text
    missing = press(leading, tip, "write", write__text="was it at night?", write__asks="yes").text
    assert "Choose who gets your message." in missing
    press(leading, tip, "write", write__text="was it at night?", write__asks="yes", write__to=1)
    assert Message.objects.get().author == "lena"


def test_reveal_warns_where_details_differ(unlocked, send, caseworker, keys):
    tip = send(contact="details", contact_details="07700 900111")
    warning = "Someone else may have sent some of these details."
    assert warning not in unlocked.post(address(tip, "reveal"), {"reveal-reason": "asked"}).text
    forged(tip, caseworker, keys)
    page = unlocked.post(address(tip, "reveal"), {"reveal-reason": "asked"}).text
    assert warning in page
    assert page.index("07700 900111") < page.index("07700 900999")


def test_member_records_a_changed_answer_and_a_team_lead_undoes_it(
    unlocked, caseworker, team_lead, let_in, keys
):
    receiving.accept(token=TOKEN, answers={"what": "A grey van.", "police": "yes"})
    telling.reply(token=TOKEN, text="Please do not tell them.", after=0)
    tip = Tip.objects.get()
    assert SUMMARY in unlocked.get(address(tip)).text
    empty = press(unlocked, tip, "change-answer").text
    assert "Choose what the sender says now." in empty
    assert ChangedAnswer.objects.count() == 0
    reply = next(each.row for each in opening.open_all(tip=tip, keys=keys) if each.kind == "reply")
    said = {"change__answer__answer": "no", "change__answer__position": reply.position}
    done = press(unlocked, tip, "change-answer", **said).text
    assert "the sender’s stricter answer counts from now on." in done
    assert "olu recorded" in done
    assert SUMMARY not in done, "nothing is stricter than a no"
    change = ChangedAnswer.objects.get()
    undo = {"undo__answer__reason": "They meant the council."}
    assert unlocked.post(address(tip, f"{change.pk}/undo-answer")).status_code == 403
    assert (
        "what the sender answered before counts again."
        in press(let_in(team_lead), tip, f"{change.pk}/undo-answer", **undo).text
    )
    assert ChangedAnswer.objects.count() == 0
