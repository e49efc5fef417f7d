"""The whole check for tampering: the log, what it names, its times, and tips that someone hid or made quiet."""

from dataclasses import replace

from reports.domain.audit import times, whole
from reports.domain.audit.times import Doubt
from reports.domain.audit.verification import Verification
from reports.domain.intake import receiving
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening, recusal
from reports.models import Tip
from reports.models.tips import UNDECIDED


def verify(*, keys: Keys | None) -> tuple[Verification, list[Doubt]]:
    """Return what a verification of everything found, and which of that are times that a team lead can excuse.

    Without keys nobody tries MACs, and nobody compares what senders said of danger with what the queue shows.
    """
    proof = keys.audit_keys if keys else None
    run = whole.verify(proof=proof)
    doubts = times.doubts(proof=proof, up_to=run.end)
    found = [doubt.sentence for doubt in doubts]
    found += map(hidden_sentence, recusal.hidden_from_all())
    if keys:
        message = (
            "%(tip)s: its sender says that someone is in danger, but someone made it not urgent."
        )
        found += [message % {"tip": tip.reference} for tip in made_quiet(keys=keys)]
    return replace(run, findings=(*run.findings, *found)), doubts


def hidden_sentence(tip: Tip) -> str:
    """Return that nobody can see this tip."""
    return f"Nobody here can see {tip.reference}: it is hidden from everyone who reads tips. Give someone else access."


def made_quiet(*, keys: Keys) -> list[Tip]:
    """Return undecided tips that are not urgent although their sender named danger; large envelopes stay shut.

    Nothing makes a tip less urgent but a change of the database.
    """
    quiet = list(Tip.objects.filter(status__in=UNDECIDED, urgent=False).order_by("reference"))
    answers = opening.about_danger(tips=quiet, keys=keys)
    return [tip for tip in quiet if any(map(receiving.is_urgent, answers.get(tip.pk, [])))]
