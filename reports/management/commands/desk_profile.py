"""`manage.py desk_profile`: say who runs the site, who reads tips, who is told of danger, and who pays."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from newsroom.domain import request_rebuild
from reports.domain import desk

QUESTIONS = {
    "controller": "Who is responsible for this site (the data controller, as the privacy page will name it)?",
    "body": "What kind of body is that (for example: a charity)?",
    "address": "Their postal address, on one line:",
    "contact": "An email address or phone number for questions about data (never for tips):",
    "safeguarding": "Who is told when a child or vulnerable person is in danger (name and phone)?",
    "duty": "The duty contact's name:",
    "duty_email": "The duty contact's email address, for emails that an urgent tip is waiting:",
    "readers": (
        "Who reads tips? Say how many people and what they are, without names (for example: four trained volunteers):"
    ),
    "reading_days": "On which days do they read tips (for example: weekdays)?",
    "police": (
        "How are you connected with the police? Write a whole sentence (for example: No police force pays us or "
        "sits here.)"
    ),
    "phone": "The team's phone number, for the police to check a police referral (printed on police referrals only):",
    "funding": "Who pays? Write a whole sentence (for example: The council and two trusts pay for this.)",
}
NEEDED = ("controller", "address", "contact", "safeguarding", "duty", "duty_email", "reading_days")
PEOPLE = """
People who speak for the site in public, each as: name, role. Name only those who have agreed. Never name anyone who can
read tips, because others could then put pressure on them. These names are not linked to accounts."""


class Command(BaseCommand):
    """Ask for each public fact, showing what the pages say now."""

    help = (
        "Say who runs the site, who reads tips, who is told of danger, how you are connected with the police, "
        "and who pays."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask every question, then store the answers and have the pages made again."""
        if settings.SITE_ROLE != "public" and not desk.has_files():
            raise CommandError(
                f"There is no desk yet. {desk.command('desk_setup')} makes it, and asks these questions."
            )
        before = desk.profile()
        if not before.named:
            before = replace(before, controller="", reading_days="")  # the pages say something until somebody does
        self.stdout.write(
            "Press Enter to keep the text in brackets, or type a hyphen (-) to remove it. The pages show what you type."
        )
        try:
            facts: dict[str, Any] = {
                name: self._ask(question, getattr(before, name), name) for name, question in QUESTIONS.items()
            }
            people = self._people(before.people)
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Stopped. Nothing was changed.") from None
        after = replace(before, **facts, people=people)
        desk.save_profile(after)
        request_rebuild.request_rebuild()
        if after.missing:
            self.stdout.write(f"Still missing: {', '.join(after.missing)}. The pages leave these out.")

    def _ask(self, question: str, now: str, name: str = "") -> str:
        """Return a valid answer; until then, print the problem and ask again."""
        while True:
            answer = input(f"{question} [{now}] " if now else f"{question} ").strip()
            answer = "" if answer == "-" else answer or now
            if not (problem := _problem(name, answer)):
                return answer
            self.stderr.write(problem)

    def _people(self, now: tuple[str, ...]) -> tuple[str, ...]:
        """Return the people who agreed: each one known now is asked about, then new ones until an empty line."""
        self.stdout.write(PEOPLE)
        people = [answer for person in now if (answer := self._ask("Keep this name?", person))]
        while answer := input("Another person who has agreed (press Enter if there is nobody): ").strip():
            people.append(answer)
        return tuple(people)


def _problem(name: str, answer: str) -> str:
    """Return what is wrong with the answer to a question, as a sentence; "" for nothing."""
    if name == "duty_email":
        try:
            validate_email(answer)
        except ValidationError:
            return "That is not an email address."
    return "Please answer this question. The pages show the answer." if name in NEEDED and not answer else ""
