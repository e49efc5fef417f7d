"""`manage.py desk_profile`: say who is told of danger, and what number the police call."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from reports.domain import state_files

QUESTIONS = {
    "safeguarding": "Who is told when a child is in danger (name and phone)?",
    "safeguarding_adults": "Who is told when an adult who cannot protect themselves is in danger (name and phone)?",
    "duty": "The duty contact's name:",
    "duty_email": "The duty contact's email address, for emails that an urgent tip is waiting:",
    "phone": "The team's phone number, for the police to check a police referral (printed on police referrals only):",
}
NEEDED = ("safeguarding", "duty", "duty_email")


class Command(BaseCommand):
    """Ask for each fact, showing what it is now."""

    help = "Say who is told of danger, and what number the police call to check a police referral."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask every question, then store the answers."""
        if not state_files.has_files():
            raise CommandError(
                f"There is no desk yet. {state_files.command('desk_setup')} makes it, and asks these questions."
            )
        before = state_files.profile()
        self.stdout.write(
            "Press Enter to keep the text in brackets, or type a hyphen (-) to remove it. No public page shows it."
        )
        try:
            facts = {
                name: self._ask(question, getattr(before, name), name)
                for name, question in QUESTIONS.items()
            }
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Stopped. Nothing was changed.") from None
        state_files.save_profile(state_files.Profile(**facts))

    def _ask(self, question: str, now: str, name: str) -> str:
        """Return a valid answer; until then, print the problem and ask again."""
        while True:
            answer = input(f"{question} [{now}] " if now else f"{question} ").strip()
            answer = "" if answer == "-" else answer or now
            if not (problem := _problem(name, answer)):
                return answer
            self.stderr.write(problem)


def _problem(name: str, answer: str) -> str:
    """Return what is wrong with the answer to a question, as a sentence; "" for nothing."""
    if name == "duty_email":
        try:
            validate_email(answer)
        except ValidationError:
            return "That is not an email address."
    if name in NEEDED and not answer:
        return "Please answer this question."
    return ""
