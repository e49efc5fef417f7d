"""What becomes of a tip is saved together or not at all, each part with its own event."""

import pytest
from django.contrib.auth.models import User

from reports.domain import decision, enquiries, triage
from reports.domain.decision import Changes
from reports.domain.errors import EditConflict, Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import edit_conflict
from reports.models import AuditEvent, Label, Link, Status, Tip


@pytest.fixture
def tip(send, officer) -> Tip:
    """Return a tip that is being read."""
    found = send()
    Tip.objects.update(unread=False)
    triage.move(tip=found, to=Status.READING, by=officer)
    return found


def save(tip: Tip, by: User, since: int | None = None, keys: Keys | None = None, **changes) -> None:
    seen = edit_conflict.now() if since is None else since
    decision.save(tip=tip, changes=Changes(**changes), since=seen, by=by, keys=keys)


def acts(tip: Tip) -> list[str]:
    return list(AuditEvent.objects.filter(subject=tip.reference).order_by("seq").values_list("act", flat=True))


def test_nothing_changes_nothing(tip, officer):
    before = acts(tip)
    save(tip, officer)
    assert acts(tip) == before


def test_a_refused_part_takes_the_others_with_it(tip, officer):
    label, before = Label.objects.create(name="market", retired=True), acts(tip)
    with pytest.raises(Refused):
        save(tip, officer, assignee=officer, status=Status.NO_ACTION, put_on=[label])
    row = Tip.objects.get()
    assert (row.assignee, row.status, acts(tip)) == (None, Status.READING, before)


def test_of_two_members_the_second_is_told_who_was_first(tip, officer, lead):
    since = edit_conflict.now()
    save(tip, lead, status=Status.NO_ACTION)
    with pytest.raises(EditConflict, match="lena has changed this meanwhile"):
        save(tip, officer, since=since, status=Status.SPAM)
    save(tip, officer, since=since, assignee=officer)  # another part
    assert (tip.status, tip.assignee) == (Status.NO_ACTION, officer)


def test_spam_goes_back_to_being_read_before_it_becomes_part_of_an_enquiry(tip, officer):
    save(tip, officer, status=Status.SPAM)
    enquiry = enquiries.begin(by=officer)
    save(tip, officer, status=Status.READING, link=[enquiry])
    assert (tip.status, Link.objects.get().enquiry) == (Status.LINKED, enquiry)


def test_status_that_was_chosen_beside_a_new_enquiry_counts(tip, officer, keys):
    save(tip, officer, keys=keys, status=Status.NEEDS_MORE, begin="loud drum")
    assert (tip.status, Link.objects.get().enquiry.codename) == (Status.NEEDS_MORE, "loud drum")


def test_tip_that_changes_its_enquiry_stays_part_of_one(tip, officer):
    first, second = enquiries.begin(by=officer), enquiries.begin(by=officer)
    save(tip, officer, link=[first])
    before = len(acts(tip))
    save(tip, officer, link=[second], unlink=[first])
    assert tip.status == Status.LINKED
    assert acts(tip)[before:] == ["linked", "unlinked"]


def test_labels_come_and_go(tip, officer):
    market, school = (Label.objects.create(name=name) for name in ("market", "school"))
    save(tip, officer, put_on=[market])
    save(tip, officer, put_on=[school], take_off=[market])
    assert set(tip.labels.all()) == {school}
