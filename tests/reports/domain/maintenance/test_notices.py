"""Notices: without content, at quarter hours, again until somebody takes what is urgent."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from reports.domain import state_files
from reports.domain.audit import verification
from reports.domain.health import heartbeat
from reports.domain.maintenance import notices
from reports.domain.people import accounts
from reports.domain.tips import opening
from reports.domain.triage import safety, triaging
from reports.models import KeyFileMark, Notice, Tip
from tests.factories import mails, shown
from tests.reports.handing import newest_keys

type Send = Callable[..., Tip]

AT = datetime(2026, 11, 24, 10, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def duty(passphrase):
    """Name a duty person."""
    state_files.save_profile(state_files.Profile(duty_email="duty@example.org"))


def minutes(number):
    """Return an instant so many minutes after the first."""
    return AT + timedelta(minutes=number)


def test_a_clock_that_was_ahead_silences_no_later_notice(send):
    ahead = 3 * 24 * 60
    send("A child is in danger at number nine.", danger="yes")
    assert not mails(notices.send_due, now=minutes(ahead))
    assert mails(notices.send_due, now=minutes(ahead + 8))
    send("Another is in danger at number ten.", danger="yes")
    assert [minute for minute in (0, 8, 9, 23) if mails(notices.send_due, now=minutes(minute))] == [
        8,
        23,
    ]


@pytest.mark.promise("sender")
def test_notice_says_nothing_of_the_tip_and_how_many_there_are(send):
    """A notice to staff says nothing of the tip, and not how many there are."""
    for _ in range(2):
        tip = send("A child is in danger at number nine.", danger="yes", area="olney")
    notices.send_due(now=minutes(0))
    notices.send_due(now=minutes(8))
    (message,) = mail.outbox
    text = f"{message.subject} {message.body}"
    assert message.to == ["duty@example.org"]
    assert message.reply_to == [
        "nobody@nowhere.invalid"
    ]  # an answer would be content, in a mailbox
    for secret in (tip.reference, "child", "olney", "nine", "2 ", "two"):
        assert secret not in text
    assert "/admin/" in text


def last_sent():
    """Return when an urgent notice last went out."""
    sent = notices.URGENT.exclude(sent_at=None).order_by("-sent_at").first()
    return sent and sent.sent_at


def test_without_an_address_nothing_is_mailed_and_the_notice_counts_as_given(send):
    state_files.save_profile(state_files.Profile())
    send(danger="yes")
    assert last_sent() is None
    notices.send_due(now=minutes(0))
    notices.send_due(now=minutes(8))
    assert mail.outbox == []
    assert last_sent() == minutes(8)


@pytest.mark.parametrize("error", [ConnectionRefusedError, SMTPServerDisconnected])
def test_mail_server_that_does_not_answer_leaves_the_notice_due(send, monkeypatch, error):
    send(danger="yes")
    notices.send_due(now=minutes(0))

    def refuse(*args):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "open", refuse)
        assert mails(notices.send_due, now=minutes(8)) == 0
        assert mails(notices.send_weekly, now=minutes(8)) == 0
    assert mails(notices.send_due, now=minutes(9)) == 1
    assert mails(notices.send_weekly, now=minutes(9)) == 1
    assert len(mail.outbox) == 2


def each_minute(hour):
    """Run each minute of an hour all jobs that mail, as maintenance does; return how often each subject went out."""
    mail.outbox.clear()
    for minute in range(hour * 60, hour * 60 + 60):
        with time_machine.travel(minutes(minute), tick=False):
            for job in (
                notices.send_due,
                notices.send_unsure,
                notices.mail_unread,
                notices.mail_accounts,
            ):
                job(now=minutes(minute))
    return Counter(message.subject for message in mail.outbox)


def test_an_hour_without_a_mail_server_leaves_one_email_of_each_kind(send, team_lead, monkeypatch):
    def refuse(*args):
        raise ConnectionRefusedError

    User.objects.update(email="duty@example.org")
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "open", refuse)
        for minute in (0, 8, 20, 40):
            send(f"A child is in danger at number {minute}.", danger="yes")
            with time_machine.travel(minutes(minute), tick=False):
                accounts.mail_change("duty@example.org")
        assert each_minute(0) == {}
    with time_machine.travel(minutes(60), tick=False):
        for job in (notices.send_due, notices.mail_accounts):
            job(now=minutes(60))
    assert sorted(message.subject for message in mail.outbox) == [
        "Streetlight: an account has changed",
        "Streetlight: urgent tip waiting",
    ]


def test_a_mail_server_that_takes_an_email_and_says_nothing_is_not_asked_each_minute(
    send, monkeypatch
):
    delivers = EmailBackend.send_messages

    def fall_silent(backend, messages):
        delivers(backend, messages)
        raise SMTPServerDisconnected("Connection unexpectedly closed: timed out")

    send("A child is in danger at number nine.", danger="yes")
    notices.send_due(now=minutes(0))
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", fall_silent)
        assert each_minute(0) == {"Streetlight: urgent tip waiting": 4}, (
            "as many as there are reminders"
        )
    assert each_minute(1)["Streetlight: urgent tip waiting"] >= 1


def is_full(execute, sql, params, many, context):
    """Answer a statement that wrote something as a database does whose disk is full."""
    answer = execute(sql, params, many, context)
    if sql.startswith("INSERT") or (
        sql.startswith(("UPDATE", "DELETE")) and context["cursor"].rowcount
    ):
        raise OperationalError("database or disk is full")
    return answer


def test_full_disk_mails_what_is_urgent_once_and_all_else_when_there_is_room(send, team_lead):
    User.objects.update(email="lena@example.org")
    accounts.mail_change("olu@example.org")
    Notice.objects.update(due_at=minutes(0))
    send(danger="yes")
    notices.send_due(now=minutes(0))
    jobs = (notices.send_due, notices.send_weekly, notices.mail_accounts)
    with connection.execute_wrapper(is_full):
        for minute in (8, 9, 10, 23):
            for job in jobs:
                with suppress(OperationalError), transaction.atomic():
                    job(now=minutes(minute))
        assert [message.subject for message in mail.outbox] == [
            "Streetlight: urgent tip waiting"
        ] * 2
    mail.outbox.clear()
    assert "urgent" in heartbeat.read().mail
    for job in jobs:
        job(now=minutes(24))
    subjects = {message.subject for message in mail.outbox}
    assert subjects == {
        "Streetlight: log check code of this week",
        "Streetlight: an account has changed",
    }
    notices.send_due(now=AT + timedelta(days=31))
    assert "urgent" not in heartbeat.read().mail


def marks(days):
    """Return on which of so many days the weekly message went out, where maintenance runs twice a day."""
    hours = range(0, days * 24, 12)
    return [
        hour // 24 for hour in hours if mails(notices.send_weekly, now=AT + timedelta(hours=hour))
    ]


def test_mark_of_the_record_goes_out_once_a_week_and_says_nothing_else(send):
    tip = send("A child is in danger at number nine.", danger="yes")
    assert marks(22) == [0, 7, 14, 21]
    message = mail.outbox[0]
    assert message.to == ["duty@example.org"]
    assert verification.mark() in message.body
    assert "three months old" not in message.body
    for secret in (tip.reference, "child", "urgent", "nine", " events"):
        assert secret not in f"{message.subject} {message.body}"


def test_mark_goes_to_the_team_leads_that_have_an_address(team_lead):
    User.objects.filter(pk=team_lead.pk).update(email="lena@example.org")
    assert marks(1) == [0]
    assert [message.to for message in mail.outbox] == [["lena@example.org"]]


def test_a_clock_that_was_ahead_silences_no_mark(passphrase):
    assert mails(notices.send_weekly, now=AT + timedelta(days=300))
    assert marks(15) == [0, 7, 14]


def test_new_key_that_is_due_is_told_each_week_until_it_is_made(team_lead, passphrase):
    KeyFileMark.objects.update(written=AT - timedelta(days=85))
    assert marks(15) == [0, 7, 14]
    assert ["three months old" in message.body for message in mail.outbox] == [False, True, True]
    assert "/admin/people/" in mail.outbox[1].body
    KeyFileMark.objects.create(version=2, digest="0" * 64, key_index=2)
    KeyFileMark.objects.filter(version=2).update(written=AT + timedelta(days=15))
    notices.send_weekly(now=AT + timedelta(days=21))
    assert "three months old" not in mail.outbox[-1].body


def test_old_notices_are_forgotten(send):
    send(danger="yes")
    notices.send_due(now=minutes(0))
    notices.send_due(now=minutes(8))
    Tip.objects.update(status="spam")
    notices.send_due(now=AT + timedelta(days=31))
    assert not Notice.objects.filter(due_at__lt=AT + timedelta(days=1)).exists()


def at(hour, minute=0, day=24):
    """Return a time of a November day in 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_members_are_told_at_fixed_hours_that_something_is_unread(send, caseworker):
    caseworker.email = "olu@example.org"
    caseworker.save()
    tip = send("A child is in danger at number nine.", area="olney")
    told = [
        mails(notices.mail_unread, now=at(hour, minute))
        for hour in (8, 9, 10, 15)
        for minute in (0, 1, 59)
    ]
    assert told == [0, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0, 0]
    message = mail.outbox[0]
    assert [one.to for one in mail.outbox] == [["duty@example.org"], ["olu@example.org"]] * 2
    assert message.reply_to == ["nobody@nowhere.invalid"]
    for secret in (tip.reference, "child", "olney", "nine", "1 "):
        assert secret not in f"{message.subject} {message.body}"


def test_one_reminder_a_day_at_nine_says_that_a_tip_waits_whose_sender_is_not_sure(
    send, caseworker, team_lead, keys
):
    User.objects.filter(pk=team_lead.pk).update(email="lena@example.org")
    tip = send("Perhaps somebody will be stabbed at number nine.", danger="unsure")

    def sent_in(day, hour):
        return sum(
            [mails(notices.send_unsure, now=at(hour, minute, day)) > 0 for minute in (0, 1, 45)]
        )

    def mailed(day):
        return [hour for hour in range(24) for _mail in range(sent_in(day, hour))]

    assert mailed(24) == []
    opening.open_new(by=caseworker, keys=keys)
    opening.read(tip=tip, by=caseworker, keys=keys)
    assert [mailed(day) for day in (25, 26)] == [[9], [9]]
    assert [message.to for message in mail.outbox] == [
        ["duty@example.org"],
        ["lena@example.org"],
    ] * 2
    for secret in (tip.reference, "stabbed", "nine", "sure"):
        assert secret not in f"{mail.outbox[0].subject} {mail.outbox[0].body}"
    triaging.assign(tip=tip, to=caseworker, by=caseworker)
    assert mailed(27) == []
    triaging.assign(tip=tip, to=None, by=caseworker)
    danger = safety.Danger("none", "Read: nobody is in danger.")
    triaging.move(tip=tip, to="no_action", by=caseworker, danger=danger, keys=newest_keys())
    assert mailed(28) == []


def test_a_reminder_that_the_mail_server_refuses_is_tried_again(opened, monkeypatch):
    opened(danger="unsure")
    with monkeypatch.context() as broken:
        broken.setattr(notices, "_mail", lambda *_mail: False)
        assert not mails(notices.send_unsure, now=at(9))
    assert [mails(notices.send_unsure, now=at(9, minute)) for minute in (1, 2)] == [1, 0]


@pytest.mark.parametrize(
    ("days", "said"),
    [(1, ""), (2, "will tell people in 2 days"), (13, "the form will close in 1 day")],
)
def test_notice_says_what_becomes_of_the_line(send, days, said):
    send()
    Tip.objects.update(received=(at(9) - timedelta(days=days)).date())
    assert mails(notices.mail_unread, now=at(9)) == 1
    body = mail.outbox[0].body
    assert said in body
    assert ("If nobody reads them" in body) is bool(said)


def test_owner_and_team_leads_are_told_of_a_changed_account_without_its_name(caseworker, team_lead):
    User.objects.filter(pk=team_lead.pk).update(email="lena@example.org")
    to = accounts.AccountChanges(
        first_name="", last_name="", email="thief@example.org", roles=["Caseworker"], active=True
    )
    User.objects.filter(pk=caseworker.pk).update(email="olu@example.org")
    accounts.change(user=caseworker, to=to, by=team_lead, reauthentication=shown(team_lead))
    now = timezone.now()
    assert (mails(notices.mail_accounts, now=now), mails(notices.mail_accounts, now=now)) == (3, 0)
    told = {message.to[0]: message.body for message in mail.outbox}
    assert told.keys() == {"olu@example.org", "thief@example.org", "lena@example.org"}
    assert told["olu@example.org"].startswith(
        "Your account for the Streetlight Team area has changed."
    )
    assert told["lena@example.org"].startswith(
        "An account for the Streetlight Team area has changed."
    )
    for message in mail.outbox:
        text = f"{message.subject} {message.body}".lower()
        assert not any(word in text for word in ("olu", "lena", "caseworker", "e-mail", "address"))
    assert list(Notice.objects.filter(kind="account").values_list("to", "sent_at")) == [
        ([], now)
    ], "no address stays"


def test_the_privacy_page_says_how_long_the_times_of_urgent_tips_stay(client):
    page = " ".join(client.get("/about/privacy/").text.split())
    assert (
        "we keep the quarter of an hour in which it came until someone on our team has it." in page
    )
    assert f"Our list of reminders keeps it for {notices.KEPT.days} days." in page
