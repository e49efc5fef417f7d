"""Members who link the same tip at the same moment make one link, recorded once, on either engine."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.proofs.home import Home

pytestmark = pytest.mark.server
MEMBERS, TIPS = 4, 12
BEGIN = """
import django
django.setup()
from django.contrib.auth.models import User
from django.utils import timezone
from reports.domain import desk
from reports.domain import enquiries
from reports.models import Enquiry, Member, Tip
from reports.sealing import keyring
"""
SET_UP = f"""{BEGIN}
for number in range({MEMBERS}):
    user = User.objects.create_superuser(f"member{{number}}")
    Member.objects.create(user=user, recipient=f"age1{{number}}")
recipient = keyring.recipient_of(keyring.new_identity())
desk.write(desk.folder() / "desk.pub", keyring.desk_pub(keyring.new_ring(recipients=[recipient])).encode())
for number in range({TIPS}):
    Tip.objects.create(lookup=f"{{number:064}}", received=timezone.localdate(), status="reading")
enquiries.begin(by=User.objects.first(), codename="quiet lantern")
"""
WORK = f"""{BEGIN}
import sys
from reports.domain.triage import relations
from reports.domain.errors import Refused
by = User.objects.get(username=sys.argv[1])
enquiry, tips = Enquiry.objects.get(codename="quiet lantern"), list(Tip.objects.order_by("lookup"))
for tip, other in zip(tips, tips[1:] + tips[:1]):
    enquiries.link(tip=tip, enquiry=enquiry, by=by)
    relations.judge(tip=tip, other=other, verdict="related", by=by)
try:
    enquiries.begin(by=by, codename="loud drum")
except Refused:
    print("refused")
"""
LOOK = f"""{BEGIN}
import json
from collections import Counter
from reports.models import AuditEvent, Link, Relation
acts = Counter(AuditEvent.objects.values_list("act", flat=True))
rows = [Link.objects.count(), Relation.objects.count(), Tip.objects.filter(status="linked").count()]
print(json.dumps([*rows, Enquiry.objects.count(), acts["linked"], acts["moved"], acts["related"], acts["began"]]))
"""


@pytest.fixture
def staffed(home: Home) -> Home:
    """Return a machine with members, tips and an enquiry."""
    home.python("-c", SET_UP)
    return home


def test_members_who_link_relate_and_begin_the_same_at_once_do_it_once(staffed: Home) -> None:
    with ThreadPoolExecutor(MEMBERS) as pool:
        said = list(pool.map(lambda number: staffed.python("-c", WORK, f"member{number}"), range(MEMBERS)))
    assert said.count("refused\n") == MEMBERS - 1
    found = json.loads(staffed.python("-c", LOOK))
    assert found == [TIPS, TIPS, TIPS, 2, TIPS, TIPS, 2 * MEMBERS * TIPS, 2]
