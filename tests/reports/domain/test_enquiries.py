"""Lines of enquiry: codenames, a sealed summary that nobody overwrites, links that lose nothing, and what is hidden."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from reports.domain import enquiries
from reports.domain.audit import staleness
from reports.domain.errors import EditConflict, Hidden, NoSuchMove, Refused
from reports.domain.tips import opening, recusal
from reports.domain.triage import triaging
from reports.models import AuditEvent, Enquiry, Link, Status, Tip
from reports.sealing import wordlist
from tests.factories import make_keyholder
from tests.reports.acts import acts
from tests.reports.handing import newest_keys
from tests.reports.purging import purge

pytestmark = pytest.mark.engine

type Send = Callable[..., Tip]
TEXT = "The grey hatchback, Thursdays, and whoever fills its boot."


@pytest.fixture
def enquiry(passphrase, caseworker):
    """Return an enquiry that the caseworker began."""
    return enquiries.begin(by=caseworker, codename="Quiet Lantern", summary=TEXT)


@pytest.fixture
def read_tip(send, caseworker):
    """Return a tip that is being read."""
    tip = send()
    triaging.move(tip=tip, to="reading", by=caseworker)
    return tip


@pytest.fixture
def hidden(read_tip, team_lead, caseworker):
    """Return a tip from which the caseworker has recused themself, as a team lead with a key can read it."""
    make_keyholder(team_lead)
    recusal.recuse(tip=read_tip, by=caseworker, reason="My cousin.", keys=newest_keys())
    return read_tip


def test_begin_keeps_the_codename_in_clear_and_the_summary_sealed(enquiry, caseworker, keys):
    stored = Enquiry.objects.get()
    assert (stored.codename, stored.status, stored.week.weekday(), stored.closed) == (
        "quiet lantern",
        "open",
        0,
        None,
    )
    assert b"hatchback" not in bytes(stored.sealed)
    assert enquiries.read(enquiry=stored, by=caseworker, keys=keys) == TEXT
    assert acts(stored.subject) == ["began", "read-summary"]
    assert str(stored) == "quiet lantern"


def test_codename_is_two_listed_words_says_nothing_and_is_unique_whatever_its_case(
    enquiry, caseworker, monkeypatch
):
    for name in ("x", "QZ99 ZZQ", "a@b", "one two three four five", "long" * 11):
        with pytest.raises(Refused, match="it must say nothing"):
            enquiries.begin(by=caseworker, codename=name)
    with pytest.raises(Refused, match="Another enquiry has this codename"):
        enquiries.begin(by=caseworker, codename=" QUIET  lantern")
    assert Enquiry.objects.count() == 1
    monkeypatch.setattr(wordlist, "DRAWN", ("lamp",))
    assert enquiries.begin(by=caseworker).codename == "lamp-lamp"
    words = iter(["lamp", "lamp", "lamp", "post"])
    monkeypatch.setattr("secrets.choice", lambda _: next(words))
    assert enquiries.new_codename() == "lamp-post"  # the first was taken


@pytest.mark.usefixtures("db")
def test_a_codename_has_no_word_that_could_hurt(monkeypatch):
    offered = []
    monkeypatch.setattr(
        "secrets.choice", lambda words: offered.append(set(words)) or words[len(offered)]
    )
    enquiries.new_codename()
    assert offered == [set(wordlist.WORDS) - wordlist.NEVER_DRAWN] * 2


def test_rename_is_recorded_with_both_names(enquiry, caseworker):
    other = enquiries.begin(by=caseworker, codename="other")
    with pytest.raises(Refused, match="Another enquiry"):
        enquiries.rename(enquiry=other, codename="quiet lantern", by=caseworker)
    assert (other.codename, Enquiry.objects.get(pk=other.pk).codename) == ("other", "other")
    enquiries.rename(
        enquiry=enquiry, codename="quiet lantern", by=caseworker
    )  # nothing to do, nothing recorded
    enquiries.rename(enquiry=enquiry, codename="loud drum", by=caseworker)
    assert Enquiry.objects.get(pk=enquiry.pk).codename == "loud drum"
    assert acts(enquiry.subject) == ["began", "renamed"]
    detail = AuditEvent.objects.latest("seq").detail
    assert detail == {"enquiry": "loud drum", "before": "quiet lantern", "after": "loud drum"}


@pytest.mark.promise("work")
def test_summary_is_written_anew_and_never_over_a_colleagues(enquiry, caseworker, team_lead, keys):
    """A colleague's summary is never overwritten unseen."""
    stored, seen = Enquiry.objects.get(), staleness.now()
    enquiries.summarise(
        enquiry=enquiry, text="Mine.\r\nTwo lines.", seen=staleness.now(), by=caseworker
    )
    assert enquiries.read(enquiry=enquiry, by=team_lead, keys=keys) == "Mine.\nTwo lines."
    for late in (seen, 0):
        with pytest.raises(EditConflict, match="olu has changed this since you opened it"):
            enquiries.summarise(enquiry=stored, text="Theirs.", seen=late, by=team_lead)
    older, stored = stored, Enquiry.objects.get()
    assert enquiries.read(enquiry=stored, by=team_lead, keys=keys) == "Mine.\nTwo lines."
    with pytest.raises(Refused, match="too long: 20,001"):
        enquiries.summarise(enquiry=stored, text="x" * 20_001, seen=staleness.now(), by=caseworker)
    stored.sealed = older.sealed  # an older summary, put back in the database
    assert "cannot be unlocked" in enquiries.read(enquiry=stored, by=team_lead, keys=keys)


def test_move_is_recorded_and_closing_keeps_the_week(enquiry, caseworker, team_lead):
    seen_by_team_lead = Enquiry.objects.get()
    enquiries.move(enquiry=enquiry, to="closed", by=caseworker, keys=newest_keys())
    stored = Enquiry.objects.get()
    assert stored.closed is not None
    assert (stored.status, stored.closed.weekday()) == ("closed", 0)
    assert AuditEvent.objects.latest("seq").detail == {
        "enquiry": "quiet lantern",
        "before": "open",
        "after": "closed",
    }
    with pytest.raises(NoSuchMove, match="Another team member"):
        enquiries.move(enquiry=seen_by_team_lead, to="paused", by=team_lead, keys=newest_keys())
    for to in ("paused", "nonsense"):
        with pytest.raises(NoSuchMove, match="while the status is “Closed”"):
            enquiries.move(enquiry=enquiry, to=to, by=caseworker, keys=newest_keys())
    enquiries.move(enquiry=enquiry, to="open", by=caseworker, keys=newest_keys())
    assert Enquiry.objects.get().closed is None


def test_link_moves_a_tip_to_linked_and_is_recorded_on_it(enquiry, read_tip, caseworker):
    link = enquiries.link(tip=read_tip, enquiry=enquiry, by=caseworker)
    assert read_tip.status == Tip.objects.get().status == Status.LINKED
    assert (link.week.weekday(), link.ended) == (0, None)
    assert list(enquiries.of_tip(tip=read_tip)) == [enquiry]
    assert acts(read_tip.reference) == ["moved", "linked", "moved"]
    assert str(link) == f"{read_tip.pk} {enquiry.pk}"


def test_link_twice_is_one_link(enquiry, read_tip, caseworker):
    stale = Tip.objects.get()
    first = enquiries.link(tip=read_tip, enquiry=enquiry, by=caseworker)
    assert enquiries.link(tip=stale, enquiry=enquiry, by=caseworker) == first
    assert acts(read_tip.reference).count("linked") == 1
    assert stale.status == Status.LINKED


def test_a_link_leaves_a_new_tips_status_and_takes_no_spam_or_closed_enquiry(
    enquiry, send, caseworker
):
    tip, gone, new = send("One."), send("Two."), send("Three.")
    enquiries.link(tip=new, enquiry=enquiry, by=caseworker)
    assert (Tip.objects.get(pk=new.pk).status, list(enquiries.of_tip(tip=new))) == (
        Status.NEW,
        [enquiry],
    )
    purge(tip=gone)
    with pytest.raises(Refused, match="deleted since then"):
        enquiries.link(tip=gone, enquiry=enquiry, by=caseworker)
    triaging.move(tip=tip, to="spam", by=caseworker, keys=newest_keys())
    with pytest.raises(Refused, match="This tip is spam"):
        enquiries.link(tip=tip, enquiry=enquiry, by=caseworker)
    triaging.move(tip=tip, to="reading", by=caseworker)
    enquiries.move(enquiry=enquiry, to="closed", by=caseworker, keys=newest_keys())
    with pytest.raises(Refused, match="This enquiry is closed"):
        enquiries.link(tip=tip, enquiry=enquiry, by=caseworker)
    assert Link.objects.get().tip == new


def test_begin_with_a_tip_is_one_step_or_none(enquiry, read_tip, caseworker):
    with pytest.raises(Refused, match="Another enquiry"):
        enquiries.begin_with(tip=read_tip, codename="quiet lantern", by=caseworker)
    new = enquiries.begin_with(tip=read_tip, codename="loud drum", by=caseworker)
    assert list(enquiries.of_tip(tip=read_tip)) == [new]
    triaging.move(tip=read_tip, to="reading", by=caseworker)
    Tip.objects.update(status="spam")
    with pytest.raises(Refused):
        enquiries.begin_with(tip=read_tip, codename="third", by=caseworker)
    assert not Enquiry.objects.filter(codename="third").exists()


def test_unlink_loses_nothing_and_the_tip_is_read_again(enquiry, read_tip, caseworker, keys):
    other = enquiries.begin_with(tip=read_tip, codename="loud drum", by=caseworker)
    first = enquiries.link(tip=read_tip, enquiry=enquiry, by=caseworker)
    triaging.note(tip=read_tip, text="A note.", by=caseworker)
    enquiries.unlink(tip=read_tip, enquiry=other, by=caseworker)
    assert Tip.objects.get().status == Status.LINKED  # it is part of the first enquiry still
    for _ in range(2):
        enquiries.unlink(tip=read_tip, enquiry=enquiry, by=caseworker)
    assert (read_tip.status, read_tip.decided) == (Status.READING, None)
    assert list(enquiries.of_tip(tip=read_tip)) == []
    assert acts(read_tip.reference).count("unlinked") == 2
    assert opening.read(tip=read_tip, by=caseworker, keys=keys).notes[0].text == "A note."
    assert [event.act for event in enquiries.timeline(enquiry=enquiry, by=caseworker)] == [
        "unlinked",
        "linked",
        "began",
    ]
    assert enquiries.link(tip=read_tip, enquiry=enquiry, by=caseworker) == first
    assert Link.objects.standing().get() == first
    triaging.move(tip=read_tip, to="no_action", by=caseworker, keys=newest_keys())
    enquiries.unlink(tip=read_tip, enquiry=enquiry, by=caseworker)
    assert Tip.objects.get().status == Status.NO_ACTION, "another status stays"


def test_recused_member_sees_neither_the_tip_nor_its_part_in_the_enquiry(
    enquiry, hidden, caseworker, team_lead, keys
):
    other = Tip.objects.create(lookup="b" * 64, received=timezone.localdate())
    for tip in (hidden, other):
        enquiries.link(tip=tip, enquiry=enquiry, by=team_lead)
    seen = {
        user: [link.tip for link in enquiries.links(enquiry=enquiry, by=user)]
        for user in (caseworker, team_lead)
    }
    assert seen == {caseworker: [other], team_lead: [hidden, other]}
    counts = {
        user: vars(enquiries.counted(by=user).get())["tip_count"]
        for user in (caseworker, team_lead)
    }
    assert counts == {caseworker: 1, team_lead: 2}
    subjects = {
        user: [event.subject for event in enquiries.timeline(enquiry=enquiry, by=user)]
        for user in seen
    }
    assert hidden.reference in subjects[team_lead]
    assert hidden.reference not in subjects[caseworker]
    before = AuditEvent.objects.count()
    verbs = [
        lambda: enquiries.link(tip=hidden, enquiry=enquiry, by=caseworker),
        lambda: enquiries.unlink(tip=hidden, enquiry=enquiry, by=caseworker),
        lambda: enquiries.begin_with(tip=hidden, codename="third", by=caseworker),
        lambda: enquiries.read(enquiry=enquiry, by=caseworker, keys=keys),
        lambda: enquiries.summarise(
            enquiry=enquiry, text="Mine.", seen=staleness.now(), by=caseworker
        ),
    ]
    for verb in verbs:
        with pytest.raises(Hidden):
            verb()
    assert AuditEvent.objects.count() == before
    assert enquiries.read(enquiry=enquiry, by=team_lead, keys=keys) == TEXT  # the control
    enquiries.unlink(tip=hidden, enquiry=enquiry, by=team_lead)
    with pytest.raises(Hidden):  # the summary may speak of it still
        enquiries.read(enquiry=enquiry, by=caseworker, keys=keys)


def test_enquiries_come_open_ones_first_with_a_count_of_nought(enquiry, caseworker):
    enquiries.begin(by=caseworker, codename="alder")
    enquiries.move(enquiry=enquiry, to="paused", by=caseworker, keys=newest_keys())
    closed = enquiries.begin(by=caseworker, codename="aspen")
    enquiries.move(enquiry=closed, to="closed", by=caseworker, keys=newest_keys())
    found = [(one.codename, vars(one)["tip_count"]) for one in enquiries.counted(by=caseworker)]
    assert found == [("alder", 0), ("quiet lantern", 0), ("aspen", 0)]
    assert [one.codename for one in Enquiry.objects.under_way().in_working_order()] == [
        "alder",
        "quiet lantern",
    ]
