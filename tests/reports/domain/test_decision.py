"""What becomes of a tip is saved together or not at all, each part with its own event."""

import pytest

from reports.domain import decision, enquiries
from reports.domain.audit import staleness
from reports.domain.decision import TipChanges
from reports.domain.errors import EditConflict, Refused
from reports.domain.triage import triaging
from reports.models import Label, Link, Status, Tip
from tests.reports.acts import acts
from tests.reports.handing import newest_keys


@pytest.fixture
def tip(send, caseworker):
    """Return a tip that is being read."""
    found = send()
    Tip.objects.update(unread=False)
    triaging.move(tip=found, to=Status.READING, by=caseworker)
    return found


def save(tip, by, since=None, **changes):
    seen = staleness.now() if since is None else since
    decision.save(tip=tip, changes=TipChanges(**changes), seen=seen, by=by, keys=newest_keys())


def test_nothing_changes_nothing(tip, caseworker):
    before = acts(tip)
    save(tip, caseworker)
    assert acts(tip) == before


def test_a_refused_part_takes_the_others_with_it(tip, caseworker):
    label, before = Label.objects.create(name="market", retired=True), acts(tip)
    with pytest.raises(Refused):
        save(tip, caseworker, assignee=caseworker, status=Status.NO_ACTION, put_on=[label])
    row = Tip.objects.get()
    assert (row.assignee, row.status, acts(tip)) == (None, Status.READING, before)


def test_of_two_members_the_second_is_told_who_was_first(tip, caseworker, team_lead):
    since = staleness.now()
    save(tip, team_lead, status=Status.NO_ACTION)
    with pytest.raises(EditConflict, match="lena has changed this since you opened it"):
        save(tip, caseworker, since=since, status=Status.SPAM)
    save(tip, caseworker, since=since, assignee=team_lead)  # another part
    with pytest.raises(EditConflict, match="olu has changed this"):  # in another tab
        save(tip, caseworker, since=since, assignee=caseworker)
    in_a_list = TipChanges(assignee=caseworker)
    decision.save(tip=tip, changes=in_a_list, seen=since, by=caseworker, among_others=True)
    assert (tip.status, tip.assignee) == (Status.NO_ACTION, caseworker)


def test_spam_goes_back_to_being_read_before_it_becomes_part_of_an_enquiry(tip, caseworker):
    save(tip, caseworker, status=Status.SPAM)
    enquiry = enquiries.begin(by=caseworker)
    save(tip, caseworker, status=Status.READING, link=[enquiry])
    assert (tip.status, Link.objects.get().enquiry) == (Status.LINKED, enquiry)


def test_status_that_was_chosen_beside_a_new_enquiry_counts(tip, caseworker):
    save(tip, caseworker, status=Status.NO_ACTION, begin="loud drum")
    assert (tip.status, Link.objects.get().enquiry.codename) == (Status.NO_ACTION, "loud drum")


def test_tip_that_changes_its_enquiry_stays_part_of_one(tip, caseworker):
    first, second = enquiries.begin(by=caseworker), enquiries.begin(by=caseworker)
    save(tip, caseworker, link=[first])
    before = len(acts(tip))
    save(tip, caseworker, link=[second], unlink=[first])
    assert tip.status == Status.LINKED
    assert acts(tip)[before:] == ["linked", "unlinked"]


def test_labels_come_and_go(tip, caseworker):
    market, school = (Label.objects.create(name=name) for name in ("market", "school"))
    save(tip, caseworker, put_on=[market])
    save(tip, caseworker, put_on=[school], take_off=[market])
    assert set(tip.labels.all()) == {school}
