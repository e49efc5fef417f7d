"""A desk that holds something of every table, and ways to look whether it is as it was."""

from reports.domain import enquiries
from reports.domain.audit import columns, findings, staleness, whole
from reports.domain.intake import outbox, receiving
from reports.domain.mailbox import sender_messages
from reports.domain.outcomes import approvals, public_results
from reports.domain.referrals import (
    changed_answer,
    contents,
    denials,
    departure,
    grading,
    own_words,
    police_referrals,
    second_reader,
    translation,
    urgent_calls,
)
from reports.domain.retention import schedule
from reports.domain.search import searching
from reports.domain.tips import opening, recusal
from reports.domain.triage import relations, safety, triaging
from reports.models import Confirmation, Outcome, Recipient, Referral, ReferralPicture, Tip, Verdict
from reports.sealing import keyring, receipts
from tests.factories import make_user, shown
from tests.newsroom.articles import make_article
from tests.reports import pictures, telling
from tests.reports.handing import GRADE, approve, keyholder

WORDS = {
    "text": "A van calls there nightly.",
    "removed": "Who saw it.",
    "contact": "",
    "stays": {},
    "position": 9,
}


def fill(*, by, team_lead, keys):
    """Open three tips and do everything with them that leaves a row behind."""
    tokens = [receipts.new_token() for _number in range(3)]
    for number, token in enumerate(tokens):
        receiving.accept(
            token=token, answers={"what": f"A grey van, number {number}.", "police": "yes"}
        )
    outbox.drain()
    telling.send_photos(token=tokens[0], pictures=[pictures.stored(1), pictures.stored(2)])
    opening.open_new(by=by, keys=keys)
    tips = [Tip.objects.get(lookup=receipts.lookup(token)) for token in tokens]
    for tip in tips:
        opening.read(tip=tip, by=by, keys=keys)
        tip.refresh_from_db()
        _work_on(tip, by=by, keys=keys)
    relations.judge(
        tip=tips[0],
        other=tips[1],
        verdict=Verdict.RELATED,
        reason="The same van.",
        by=by,
        keys=keys,
    )
    recusal.recuse(
        tip=tips[2], by=make_user("rosa", "Caseworker"), reason="My neighbour.", keys=keys
    )
    schedule.hold(tip=tips[1], by=team_lead, reason="A court asked.", keys=keys)
    changed_answer.add(tip=tips[1], position=1, answer="words", by=by, keys=keys)
    urgent_calls.review(
        call=tips[0].urgent_calls.get(), result="All is well.", by=team_lead, keys=keys
    )
    safety.mark_reviewed(decision=tips[0].safety_decisions.get(), by=team_lead, keys=keys)
    enquiry = enquiries.begin(by=by, codename="quiet lantern", summary="A van.")
    enquiries.summarise(enquiry=enquiry, text="A grey van.", seen=staleness.now(), by=by)
    for story in ("told", "untold"):
        sentence, article = f"{public_results.OPENING} a story {story}.", make_article(story)
        public_results.propose(
            enquiry=enquiry,
            article=article,
            sentence=sentence,
            by=by,
            reauthentication=shown(by),
            keys=keys,
        )
    make_article("of-nobodys")
    for name in ("West Force", "East Force"):
        _compare(name, by=team_lead, keys=keys)
    searching.search(words="grey", by=by, keys=keys)
    _hand_over(tips[0], by=by, team_lead=team_lead, keys=keys)


def _work_on(tip, *, by, keys):
    for text in ("Look at this.", "Nobody was there."):
        triaging.note(tip=tip, text=text, by=by)
    grading.grade(tip=tip, **GRADE, seen=0, by=by, keys=keys)
    own_words.save(tip=tip, **WORDS, seen=0, by=by, keys=keys)
    own_words.save(
        tip=tip, **(WORDS | {"text": "A van calls."}), seen=staleness.now(), by=by, keys=keys
    )
    translation.translate(tip=tip, language="pl", text="A grey van.", seen=staleness.now(), by=by)
    denials.mark(tip=tip, denies=True, seen=staleness.now(), by=by, keys=keys)
    call = {"to": "children", "whom": "The team", "when": "now", "reference": ""}
    call |= {"ground": "child", "danger": "A boy is held there."}
    urgent_calls.add(tip=tip, **call, by=by, keys=keys)
    safety.add(tip=tip, kind="closed", choice="none", text="Read twice.", by=by, keys=keys)
    sender_messages.write(tip=tip, text="was it by day?", question=False, by=by, keys=keys)


def _compare(name, *, by, keys):
    recipient = Recipient.objects.create(
        name=name, public_key=keyring.recipient_of(keyring.new_identity())
    )
    read_out = {
        "compared": recipient.public_key,
        "heard": keyring.fingerprint(recipient.public_key),
    }
    departure.compare(recipient=recipient, **read_out, by=by, keys=keys, reauthentication=shown(by))


def _hand_over(tip, *, by, team_lead, keys):
    referral = police_referrals.draft(tips=[tip], by=by, keys=keys)
    police_referrals.name_danger(
        referral=referral, ground="life", reason="A knife.", by=by, keys=keys
    )
    photos = next(entry for entry in tip.entries.all() if entry.position > 1)
    second_reader.choose(referral=referral, entry=photos, number=0, by=by, keys=keys)
    picture = ReferralPicture.objects.get()
    opening.picture(entry=photos, number=0, by=team_lead, keys=keys)
    second_reader.approve(picture=picture, by=team_lead, keys=keys)
    keyholder(team_lead)
    for member in (by, team_lead):
        approve(referral, by=member, keys=keys)
    assert not Confirmation.objects.exists()  # needs an exported referral


def verified(*, keys):
    """Look through the record and all that it names."""
    return whole.verify(proof=keys.audit_keys if keys else None)


def on_pages(*, keys):
    """Return what the pages of all tips, referrals and outcomes, and an export, say that is not as it was."""
    found = findings.compare(columns.of_one(columns.compared_recipients()), proof=keys.audit_keys)
    for tip in Tip.objects.all():
        found += findings.compare(columns.of_tips([tip]), proof=keys.audit_keys)
    for referral in Referral.objects.all():
        found += contents.doubts(referral=referral, keys=keys)
    said = [one.sentence for one in found]
    for outcome in Outcome.objects.all():
        said += approvals.doubts(outcome=outcome, keys=keys)
    return said
