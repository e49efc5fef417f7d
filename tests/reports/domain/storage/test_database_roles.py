"""What a public machine's login may do: what the site needs of it, tried as that role, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from newsroom.domain import article_page, changes, public_pages
from newsroom.domain import search as news_search
from newsroom.models import Article, Revision
from reports.domain import place, state_files
from reports.domain.errors import TooManyRights, Unreachable
from reports.domain.figures import counting
from reports.domain.intake import outbox, receiving
from reports.domain.mailbox import senders_side
from reports.domain.outcomes import appeals
from reports.domain.retention import ledger
from reports.domain.storage import database_roles
from reports.models import Arrival, Message, Recipient, Tip
from reports.sealing import receipts
from tests.newsroom.articles import make_whole
from tests.reports.mailboxes import TOKEN, tell, write_to

pytestmark = [
    pytest.mark.engine,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has roles"),
]


@pytest.fixture
def role(db):
    """Make the public machines' role, with its rights."""
    name = database_roles.name()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {name}")
    database_roles.grant()
    database_roles.ask_again()
    yield name
    database_roles.ask_again()


@pytest.fixture
def as_public(role, settings):
    @contextmanager
    def public():
        settings.SITE_ROLE = "public"
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {role}")
            try:
                yield
            finally:
                cursor.execute("RESET ROLE")
                settings.SITE_ROLE = "staff"

    return public


type AsPublic = "Callable[[], Iterator[None]]"


def tried(statement):
    """Return what the database says to a statement: its refusal, or nothing."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        return str(error).splitlines()[0]
    return ""


def test_a_public_machine_has_its_rights_and_no_others(as_public):
    with as_public():
        assert database_roles.compare() == ([], [])
        database_roles.require()


def test_a_tip_is_left_for_the_desk_and_taken_in(as_public, passphrase):
    sent = {
        "answers": {"what": "A grey van.", "danger": "yes"},
        "mark": "of one page",
    }
    receipt = receiving.accept(token="", **sent)
    lookup = receipts.lookup(receipt.token)
    with as_public():
        for _again in range(2):
            assert outbox.drain() == (0 if _again else 1)
        assert not Tip.objects.values("pk").exists()
        found = senders_side.open_mailbox(token=receipt.token)
        assert found is not None
        assert found.state == senders_side.WAITING
        with pytest.raises(Unreachable, match="still on its way"):
            senders_side.stop(token=receipt.token)
        receiving.accept(token=receipt.token, **sent)  # the same again
        outbox.drain()
    assert Arrival.objects.count() == 1
    assert outbox.drain() == 1
    tip = Tip.objects.get(lookup=lookup)
    assert (tip.urgent, tip.unread, tip.entries.count(), Arrival.objects.count()) == (
        True,
        True,
        1,
        0,
    )
    assert outbox.drain() == 0


def test_the_mailbox_works_to_its_end(as_public, caseworker, keys):
    tip = tell()
    write_to(tip, caseworker, keys)
    with as_public():
        opened = senders_side.open_mailbox(token=TOKEN)
        assert opened is not None
        assert [letter.new for letter in opened.letters] == [True]
        again = senders_side.open_mailbox(token=TOKEN)
        assert again is not None
        assert [letter.new for letter in again.letters] == [False]
        senders_side.delete(token=TOKEN, number=1)
        receiving.reply(token=TOKEN, text="Yes, at nine.", after=1)
        outbox.drain()
        senders_side.stop(token=TOKEN)
        assert senders_side.open_mailbox(token=TOKEN) is None
    tip.refresh_from_db()
    assert (tip.stopped, Message.objects.get().for_sender) == (2, None), (
        "what waits for the desk is counted too"
    )


def test_the_news_and_the_pages_of_the_desk_are_made(as_public, passphrase, settings):
    settings.PLACE = replace(settings.PLACE, only_recipients=("Police",))
    Recipient.objects.create(name="Police", public_key="age1")
    article = make_whole("a-story")
    now = timezone.now()
    news_search.reindex(article=article)
    with as_public():
        pages = list(public_pages.all_pages(at=now))
        assert [page.path for page in pages if page.article == article.pk][:1] == ["/news/a-story/"]
        public_pages.gone(at=now), public_pages.next_instant(at=now)
        assert isinstance(article_page.find(slug="a-story"), article_page.ArticlePage)
        assert news_search.search(query="story").hits
        assert (changes.number(), changes.since(0)) == (0, (0, set(), False))
        assert changes.slugs(of=[article.pk]) == {"a-story"}
        state_files.refresh_form()
        assert place.is_apart_from_home_office()
        ledger.publish(today=now.date())
        counting.publish()
        appeals.publish()


# What whoever took over a public machine would try next, and what the database says.
REFUSED = {
    "read what a tip says": "SELECT sealed FROM reports_entry",
    "read what others left": "SELECT sealed FROM reports_arrival",
    "take away what others left": "DELETE FROM reports_arrival",
    "see which tips are urgent": "SELECT urgent FROM reports_tip",
    "mark every tip urgent": "UPDATE reports_tip SET urgent = true",
    "make a tip without an envelope": "INSERT INTO reports_tip (id) VALUES (gen_random_uuid())",
    "empty the table of tips": "TRUNCATE reports_tip CASCADE",
    "read accounts": "SELECT password FROM auth_user",
    "change a password": "UPDATE auth_user SET password = 'x'",
    "read second factors": "SELECT key FROM otp_totp_totpdevice",
    "read to which key referrals go": "SELECT public_key FROM reports_recipient",
    "name another recipient": "UPDATE reports_recipient SET name = 'Police'",
    "read wrapped keys": "SELECT wrapped FROM reports_member",
    "swap a member's key": "UPDATE reports_member SET recipient = 'age1x'",
    "read the record": "SELECT actor FROM reports_auditevent",
    "write into the record": "INSERT INTO reports_auditevent (seq) VALUES (1)",
    "disable the record's triggers": "ALTER TABLE reports_auditevent DISABLE TRIGGER ALL",
    "replace what the triggers call": "CREATE OR REPLACE FUNCTION streetlight_refuse() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NEW; END $$",
    "read what staff type": "SELECT sealed FROM reports_draft",
    "delete messages": "DELETE FROM reports_message",
    "publish": "UPDATE newsroom_article SET status = 'published'",
    "read the summary of an enquiry": "SELECT sealed FROM reports_enquiry",
    "speak for another machine": "UPDATE reports_node SET key_index = 9",
    "let oneself do more": "GRANT ALL ON reports_tip TO PUBLIC",
    "see every row": "ALTER TABLE newsroom_article DISABLE ROW LEVEL SECURITY",
    "read a file of the server": "SELECT pg_read_file('PG_VERSION')",
    "run a program on the server": "COPY newsroom_topic TO PROGRAM 'true'",
}


@pytest.mark.proof("public machine", goal="every act refused", engine="PostgreSQL")
def test_the_database_refuses_what_a_taken_machine_would_try(as_public, role):
    """The database refuses what a taken public machine would try."""
    with as_public():
        said = {act: tried(statement) for act, statement in REFUSED.items()}
    refusals = ("permission denied", "must be owner", "must be superuser")
    assert {act: answer for act, answer in said.items() if not answer.startswith(refusals)} == {}
    for act, statement in REFUSED.items():
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and "pg_read" not in statement:
            assert tried(statement) in ("", "The audit log cannot be changed."), (
                f"the control: the owner may {act}"
            )
    with (
        connection.cursor() as cursor
    ):  # the session of a test is the owner's, so it is asked what the role may become
        cursor.execute("SELECT pg_has_role(%s, 'postgres', 'MEMBER')", [role])
        assert cursor.fetchone() == (False,)


def test_drafts_and_what_is_not_out_are_kept_back_row_by_row(as_public):
    whole = {slug: make_whole(slug) for slug in ("draft", "out", "never-out")}
    Article.objects.filter(slug="draft").update(status="draft")
    gone = {
        "status": "withdrawn",
        "withdrawn_at": whole["never-out"].publish_at - timedelta(hours=1),
    }
    Article.objects.filter(slug="never-out").update(**gone)
    for number, (article, status) in enumerate(
        [("draft", "draft"), ("out", "draft"), ("out", "published")]
    ):
        facts = {"number": number, "made_by": "ed", "summary": "x", "fields": {"status": status}}
        Revision.objects.create(article=whole[article], **facts)
    tables = [name for name in database_roles.POLICIES if name.startswith("newsroom_")]
    with as_public():
        seen = {table: rows(table) for table in tables}
    out = whole["out"].pk
    assert {
        row for name, found in seen.items() for row in found if name != "newsroom_revision"
    } == {out}
    assert seen["newsroom_revision"] == [out], (
        "neither a draft's, nor what a story was while it was one"
    )
    assert len(rows("newsroom_article")) == 3, "the control: the owner sees all of them"


def rows(table):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {'id' if table == 'newsroom_article' else 'article_id'} FROM {table}"
        )
        return [key for (key,) in cursor.fetchall()]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("GRANT UPDATE (urgent) ON reports_tip TO {role}", "UPDATE reports_tip (urgent)"),
        ("GRANT DELETE ON reports_tip TO {role}", "DELETE reports_tip"),
        ("GRANT pg_read_all_data TO {role}", "SELECT auth_user (password)"),
        ("GRANT CREATE ON SCHEMA public TO {role}", "CREATE IN SCHEMA public"),
        ("ALTER ROLE {role} BYPASSRLS", "BYPASSRLS"),
        (
            "ALTER TABLE newsroom_article DISABLE ROW LEVEL SECURITY",
            "EVERY ROW OF newsroom_article",
        ),
        ("GRANT postgres TO {role}", "MEMBER OF postgres"),
    ],
)
@pytest.mark.proof("public machine", control=True)
def test_a_machine_that_may_do_too_much_says_so_and_is_not_used(
    as_public, role, more, named, passphrase
):
    receipt = receiving.accept(token="", answers={"what": "A grey van."})
    with connection.cursor() as cursor:
        cursor.execute(more.format(role=role))
    with as_public():
        assert named in database_roles.compare()[0]
        with pytest.raises(TooManyRights, match="rights that it must not have"):
            outbox.drain()
        with pytest.raises(Unreachable):
            senders_side.open_mailbox(token=receipt.token)
    assert outbox.waiting(), "what was received waits until the login is right"
    database_roles.grant()


def test_granting_again_takes_back_what_was_given_by_hand(as_public, role):
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute("DROP POLICY IF EXISTS old ON newsroom_article")
        cursor.execute("CREATE POLICY old ON newsroom_article USING (true)")
    with as_public():
        assert database_roles.compare()[0]
    database_roles.grant()
    with as_public():
        assert database_roles.compare() == ([], [])
        assert rows("newsroom_article") == []


def test_a_public_machine_grants_nothing_and_neither_does_a_site_of_one(settings):
    assert not database_roles.exists()
    database_roles.grant()
    settings.SITE_ROLE = "public"
    database_roles.grant()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_policy")
        assert cursor.fetchone() == (0,)
