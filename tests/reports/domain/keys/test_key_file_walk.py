"""Random steps of a desk's life, a thousand in the whole and few for who waits; after each, what must be true is."""

import random
import shutil
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import key_rotation
from reports.domain.errors import Refused, WrongWords
from reports.domain.intake import outbox, receiving
from reports.domain.keys import keyholders, passphrases
from reports.models import Entry, KeyFileMark, Member
from reports.sealing import envelope, keyring, receipts
from tests.factories import CHEAP, make_user
from tests.reports.purging import purge

PEOPLE = 6
MOST = 500  # turns in which every older key must have left


class Walk:
    """The desk, and what the walk knows of it."""

    def __init__(self, patch, staff, public, seed):
        """Found the desk with one team lead."""
        self.patch, self.staff, self.public, self.dice = patch, staff, public, random.Random(seed)
        self.now = timezone.now()
        self.words = {}  # passphrases on paper, by user
        self.lost = {}  # passphrases that were lost or taken away
        self.kept = {}  # desk identities that a former member may have kept
        self.knew = {}  # and audit keys
        self.texts = {}  # by lookup, what was acknowledged and not deleted
        self.backup = {}  # envelopes of deleted tips, as an old backup has them
        self.done = {}
        self.at(staff)
        team_lead = make_user("person-0", "Team lead")
        self.words[team_lead.pk] = keyholders.enrol(user=team_lead, costs=CHEAP)
        self.recovery = keyholders.found_desk(first=Member.objects.get(user=team_lead))
        self.copy_desk_pub()

    def at(self, machine):
        """Be on one of the machines."""
        self.patch.setattr(settings, "STATE_DIR", machine)

    def copy_desk_pub(self):
        """Carry the newest public key to the public machine, as an operator does."""
        (self.public / "desk").mkdir(exist_ok=True)
        shutil.copy(self.staff / "desk" / "desk.pub", self.public / "desk" / "desk.pub")

    def inside(self):
        """Return the members who have access, in a fixed order."""
        return list(
            Member.objects.filter(granted__isnull=False).select_related("user").order_by("user_id")
        )

    def team_lead(self):
        """Return a team lead with access who still has their words."""
        able = [m.user for m in self.inside() if m.user_id in self.words]
        return (user := self.dice.choice(able), self.words[user.pk]) if able else None

    def step(self):
        """Do one random thing."""
        moves = [self.join, self.grant, self.revoke, self.rotate, self.lose, self.recover]
        moves += [
            self.send,
            self.send,
            self.drain,
            self.reseal,
            self.retain,
            self.retire,
            self.stale,
            self.report,
        ]
        self.now += timedelta(minutes=self.dice.choice([1, 20, 90]))
        self.do(self.dice.choice(moves))

    def do(self, move):
        """Make a move on the staff's machine, count it if there was something to do, and return whether there was."""
        self.at(self.staff)
        done = move()
        if done:
            self.done[move.__name__] = self.done.get(move.__name__, 0) + 1
        return done

    def join(self):
        """Somebody new, or somebody who has no key, makes their words."""
        without = [
            user
            for user in User.objects.order_by("pk")
            if not Member.objects.filter(user=user).exists()
        ]
        if without:
            user = self.dice.choice(without)
        elif (count := User.objects.count()) < PEOPLE:
            user = make_user(f"person-{count}", "Team lead")
        else:
            return False
        self.words[user.pk] = keyholders.enrol(user=user, costs=CHEAP)
        return True

    def grant(self):
        """A team lead lets in somebody who waits."""
        waiting, team_lead = (
            list(Member.objects.filter(granted=None).order_by("user_id")),
            self.team_lead(),
        )
        if not waiting or not team_lead:
            return False
        member, who = self.dice.choice(waiting), {"by": team_lead[0], "passphrase": team_lead[1]}
        keyholders.grant(member=member, compared=member.recipient, **who)
        return True

    def revoke(self):
        """A team lead takes somebody's key away; that person may keep the keys that they saw."""
        team_lead = self.team_lead()
        others = [
            member for member in self.inside() if team_lead and member.user_id != team_lead[0].pk
        ]
        if not team_lead or not others:
            return False
        member = self.dice.choice(others)
        self.kept.setdefault(member.user_id, set()).update(self.identities())
        self.knew.setdefault(member.user_id, set()).update(
            key for _, key in self.key_file().audit_keys
        )
        keyholders.revoke(member=member, by=team_lead[0], passphrase=team_lead[1])
        if passphrase := self.words.pop(member.user_id, None):
            self.lost.setdefault(member.user_id, []).append(passphrase)
            with pytest.raises(WrongWords):
                keyholders.unlock(user=member.user, passphrase=passphrase)
        return True

    def rotate(self):
        """A team lead makes a new key."""
        if team_lead := self.team_lead():
            keyholders.rotate(by=team_lead[0], passphrase=team_lead[1])
        return bool(team_lead)

    def lose(self):
        """Somebody loses their words."""
        if not self.words:
            return False
        who = self.dice.choice(sorted(self.words))
        self.lost.setdefault(who, []).append(self.words.pop(who))
        return True

    def recover(self):
        """With the sheet somebody is let in when no team lead can."""
        if self.team_lead():
            return False
        user = self.dice.choice(list(User.objects.order_by("pk")))
        if old := self.words.get(user.pk):
            self.lost.setdefault(user.pk, []).append(old)
        self.words[user.pk] = keyholders.recover(identity=self.recovery, user=user, costs=CHEAP)
        return True

    def send(self):
        """A tip comes on either machine, sealed to whatever key that machine has."""
        self.at(self.dice.choice([self.staff, self.public]))
        text = f"Tip {len(self.texts) + len(self.backup)}: {self.dice.random()}"
        receipt = receiving.accept(token=receipts.new_token(), answers={"what": text})
        self.texts[receipts.lookup(receipt.token)] = text
        return True

    def drain(self):
        """A machine moves its outbox into the database."""
        self.at(self.dice.choice([self.staff, self.public]))
        return outbox.drain() > 0

    def empty(self):
        """Both machines move all that they hold into the database."""
        for machine in (self.public, self.staff):
            self.at(machine)
            while outbox.drain():
                pass
        return True

    def reseal(self):
        """A team lead seals some of what is kept to the newest key."""
        team_lead = self.team_lead()
        if team_lead:
            key_rotation.step(
                by=team_lead[0],
                keys=keyholders.unlock(user=team_lead[0], passphrase=team_lead[1]),
                limit=5,
            )
        return bool(team_lead)

    def retain(self):
        """A tip is deleted; a backup still has it."""
        stored = {entry.tip.lookup: entry for entry in Entry.objects.select_related("tip")}
        lookups = [
            lookup for lookup in self.texts if lookup in stored
        ]  # as they came: the same in every walk
        if not lookups:
            return False
        entry = stored[self.dice.choice(lookups)]
        self.backup[entry.tip.lookup] = (bytes(entry.sealed), entry.bound())
        purge(tip=entry.tip)
        del self.texts[entry.tip.lookup]
        return True

    def retire(self):
        """A team lead takes the oldest key out, if nothing needs it."""
        team_lead = self.team_lead()
        if not team_lead:
            return False
        try:
            key_rotation.retire(by=team_lead[0], passphrase=team_lead[1], now=self.now)
        except Refused:
            return False
        return True

    def stale(self):
        """The operator remembers to carry `desk.pub` over, or somebody puts an old one on the staff's machine."""
        if self.dice.random() < 0.5:
            self.copy_desk_pub()
        elif self.team_lead():
            shutil.copy(self.public / "desk" / "desk.pub", self.staff / "desk" / "desk.pub")
        return True

    def report(self):
        """Both machines run their maintenance."""
        for machine in (self.public, self.staff):
            self.at(machine)
            key_rotation.report(now=self.now)
        return True

    def see_keys_out(self):
        """Delete a tip, and do what a desk does until every key that was there has left."""
        for move in (self.recover, self.send, self.empty, self.retain, self.rotate):
            self.do(move)
        self.copy_desk_pub()
        for _ in range(MOST):
            if len(self.identities()) == 1:
                break
            self.now += timedelta(minutes=90)
            for move in (self.report, self.reseal, self.retire):
                self.do(move)
            self.check()

    def key_file(self):
        """Return the key file as the recovery sheet opens it."""
        return keyring.open_keyring(
            (self.staff / "desk" / "keyring.age").read_bytes(), identity=self.recovery
        )

    def identities(self):
        """Return the desk's identities."""
        return self.key_file().identities

    def go(self, steps):
        """Walk, and check after each step."""
        for _ in range(steps):
            self.step()
            self.check()

    def check(self):
        """Hold what must be true after every step."""
        key_file = self.key_file()
        inside = {member.recipient for member in self.inside()}
        assert inside | {keyring.recipient_of(self.recovery)} == set(key_file.recipients)
        assert KeyFileMark.objects.latest("version").version == key_file.version
        sealed = {entry.tip.lookup: entry for entry in Entry.objects.select_related("tip")}
        for lookup, entry in sealed.items():
            assert self.text_in(bytes(entry.sealed), entry.bound(), key_file) == self.texts[lookup]
        for machine in (self.staff, self.public):
            for path in (machine / "outbox").glob("[!.]*"):
                arrival = outbox.OutboxEntry.from_bytes(path.read_bytes())
                assert (
                    self.text_in(arrival.sealed, {"id": arrival.id}, key_file)
                    == self.texts[arrival.lookup]
                )
                sealed[arrival.lookup] = None
        assert set(sealed) == set(self.texts)
        self.check_leavers(key_file)

    def text_in(self, sealed, bound, key_file):
        """Return what an envelope says to the key file."""
        bundle = envelope.open_sealed(sealed, identities=key_file.identities, bound=bound)
        return str(bundle.content["answers"]["what"])

    def check_leavers(self, key_file):
        """Nobody who is out knows the key that seals now; no lost words open anything."""
        inside = {member.user_id for member in self.inside()}
        for who, kept in self.kept.items():
            assert who in inside or key_file.current.identity not in kept, (
                f"{who} left and opens what is new"
            )
            assert who in inside or key_file.audit_key not in self.knew[who], (
                f"{who} left and can prove the record"
            )

    def check_people(self):
        """Who has access and their words opens the desk; old words open nothing."""
        self.at(self.staff)
        for member in self.inside():
            if passphrase := self.words.get(member.user_id):
                assert (
                    list(keyholders.unlock(user=member.user, passphrase=passphrase).identities)
                    == self.identities()
                )
        for who, papers in self.lost.items():
            member = Member.objects.filter(user_id=who).first()
            if member and who in self.words:
                with pytest.raises(WrongWords):
                    keyholders.unlock(user=member.user, passphrase=papers[-1])


STEPS, FEWER = 1000, 40
DAMAGE = ("leaver-keeps-key", "leaver-keeps-audit-key", "retires-too-early")


@pytest.fixture
def walk(roles, tmp_path, monkeypatch):
    """Return a walk that begins with a fresh desk."""
    monkeypatch.setattr(passphrases, "TRIES", 10**6)  # the walk tries wrong words all the time
    machines = [tmp_path / "staff", tmp_path / "public"]
    for machine in machines:
        machine.mkdir()
    return Walk(monkeypatch, *machines, seed=20261124)


def unreadable(walk):
    """Return how many deleted tips the backup holds that today's key file does not open."""
    opens, gone = walk.identities(), 0
    for sealed, bound in walk.backup.values():
        try:
            envelope.open_sealed(sealed, identities=opens, bound=bound)
        except envelope.WrongKey:
            gone += 1
    return gone


@pytest.mark.promise(
    "keys", control="test_a_desk_that_breaks_a_promise_is_caught_by_the_walk", name="own-words"
)
@pytest.mark.proof("keys", goal="1,000 steps, none wrong")
def test_random_walk_of_a_thousand_steps_keeps_every_promise(walk, whole):
    """Through a thousand random steps in `./dev check --all`, and fewer in `./dev test`, over two machines every tip
    opens, and only for whom it should.
    """
    for number in range(STEPS if whole else FEWER):
        walk.step()
        walk.check()
        if number % 25 == 0:
            walk.check_people()
    walk.check_people()
    walk.see_keys_out()
    if whole:
        every = {
            "join",
            "grant",
            "revoke",
            "rotate",
            "lose",
            "recover",
            "retain",
            "retire",
            "stale",
        }
        assert every - walk.done.keys() == set(), walk.done
    assert (
        unreadable(walk) == len(walk.backup) > 0
    )  # the keys of deleted tips have left: the backup does not open them


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.proof("keys", control=True)
def test_a_desk_that_breaks_a_promise_is_caught_by_the_walk(walk, damage, monkeypatch):
    if damage == "leaver-keeps-key":
        monkeypatch.setattr(
            keyring,
            "revoke",
            lambda key_file, recipient: keyring.replace(
                key_file,
                version=key_file.version + 1,
                recipients=tuple(r for r in key_file.recipients if r != recipient),
            ),
        )
    elif damage == "leaver-keeps-audit-key":
        rotate = keyring.rotate
        monkeypatch.setattr(
            keyring,
            "rotate",
            lambda key_file: keyring.replace(rotate(key_file), audit_key=key_file.audit_key),
        )
    else:
        monkeypatch.setattr(key_rotation, "hindrances", lambda index, now: [])
    with pytest.raises((AssertionError, envelope.EnvelopeError)):
        walk.go(STEPS)
