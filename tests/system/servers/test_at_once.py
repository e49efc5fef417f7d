"""Several processes or threads that write at the same moment: each act is done once, recorded once, in one chain."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.engine

WRITERS, EACH = 8, 25
WRITE = f"""
import django
django.setup()
from reports.domain.audit import audit_log
for number in range({EACH}):
    if number % 10 == 0:
        audit_log.checkpoint(by=None, act="locked", key=bytes(32))
    else:
        audit_log.record(by=None, act="read", number=number)
"""


KEYHOLDER = """
import django
django.setup()
from django.contrib.auth.models import User
from reports.models import Member
Member.objects.create(user=User.objects.create_user("lena"), recipient="age1")  # or it is no desk's database
"""


@pytest.mark.promise("team")
@pytest.mark.proof("record")
def test_eight_concurrent_writers_never_fork_the_record(empty_home):
    """Eight who write at once never fork the record."""
    empty_home.python("-c", KEYHOLDER)
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda _: empty_home.python("-c", WRITE), range(WRITERS)))
    said = empty_home.manage("audit", "verify")
    assert said.startswith(
        f"No tampering found: {WRITERS * EACH} events, {WRITERS * 3} checkpoints.\n"
    )


MEMBERS, TIPS = 4, 12
BEGIN = """
import django
django.setup()
from django.contrib.auth.models import User
from django.utils import timezone
from reports.domain import enquiries, state_files
from reports.domain.audit import audit_log
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.keys.keyholders import Keys
from reports.models import Enquiry, Member, KeyFileMark, Tip
from reports.sealing import keyring
keys = Keys((), since=0, audit_keys=AuditKeys(((1, bytes(32)),)), index=1)
"""
SET_UP = f"""{BEGIN}
for number in range({MEMBERS}):
    user = User.objects.create_superuser(f"member{{number}}")
    Member.objects.create(user=user, recipient=f"age1{{number}}")
recipient = keyring.recipient_of(keyring.new_identity())
desk_pub = keyring.desk_pub(keyring.new_keyring(recipients=[recipient]))
state_files.write(state_files.folder() / "desk.pub", desk_pub.encode())
KeyFileMark.objects.create(version=1, digest="0" * 64, key_index=1)
for number in range({TIPS}):
    facts = {{"reference": f"{{number:04}}-TIPS", "lookup": f"{{number:064}}", "status": "reading"}}
    Tip.objects.create(received=timezone.localdate(), **facts)
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
    relations.judge(tip=tip, other=other, verdict="related", by=by, keys=keys)
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
def staffed(empty_home):
    """Return a machine with members, tips and an enquiry."""
    empty_home.python("-c", SET_UP)
    return empty_home


@pytest.mark.promise("work")
def test_members_who_link_relate_and_begin_the_same_at_once_do_it_once(staffed):
    """Members who link the same tip at once make one link."""
    with ThreadPoolExecutor(MEMBERS) as pool:
        said = list(
            pool.map(lambda number: staffed.python("-c", WORK, f"member{number}"), range(MEMBERS))
        )
    assert said.count("refused\n") == MEMBERS - 1
    found = json.loads(staffed.python("-c", LOOK))
    assert found == [TIPS, TIPS, TIPS, 2, TIPS, TIPS, 2 * MEMBERS * TIPS, 2]


ROUNDS = 100
RACE = f"""{BEGIN}
import threading, uuid
from django.contrib.auth.models import Group
from django.db import connection, transaction
from reports.domain.triage import triaging
from reports.domain.audit import staleness
from reports.domain.errors import Refused
from reports.domain.people.roles import ensure_roles
from reports.models import AuditEvent
ensure_roles()
KeyFileMark.objects.create(version=1, digest="0" * 64, key_index=1)
caseworkers = [User.objects.create_user(name, is_staff=True) for name in ("olu", "ada")]
for caseworker in caseworkers:
    caseworker.groups.set(Group.objects.filter(name="Caseworker"))
tip = Tip.objects.create(received="2026-11-23", lookup=uuid.uuid4().hex, status="reading")
start, end = threading.Barrier(2, timeout=60), threading.Barrier(2, timeout=60)
ways = {{"reading": ("linked", "no_action"), "linked": ("reading", "no_action"), "no_action": ("reading", "linked")}}
won = []
def work(caseworker, turn):
    for number in range({ROUNDS}):
        start.wait()
        seen = staleness.now()
        mine = Tip.objects.get()
        start.wait()
        try:
            with transaction.atomic():
                held = Tip.objects.select_for_update().get()
                staleness.require_unchanged(subject=held.reference, seen=seen, stale_after=("moved", "assigned"))
                if number % 2:
                    triaging.assign(tip=held, to=caseworker, by=caseworker)
                else:
                    triaging.move(tip=held, to=ways[mine.status][turn], by=caseworker, keys=keys)
            won.append(number)
        except Refused as refusal:
            assert "since you opened it" in str(refusal), refusal
        end.wait()
    connection.close()
threads = [threading.Thread(target=work, args=(caseworker, turn)) for turn, caseworker in enumerate(caseworkers)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert sorted(won) == list(range({ROUNDS})), f"won: {{len(won)}}"
assert AuditEvent.objects.filter(subject=tip.reference).count() == {ROUNDS}
print("one caseworker won each of", {ROUNDS})
"""


@pytest.mark.promise("work")
def test_of_two_caseworkers_at_one_tip_a_hundred_times_one_wins_and_one_is_told(
    empty_home,
):
    """Of two caseworkers at one tip one wins and the other is told."""
    assert empty_home.python("-c", RACE) == f"one caseworker won each of {ROUNDS}\n"
