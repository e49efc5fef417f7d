"""`manage.py desk_profile`: say on the public pages who runs the site, who reads tips, and who pays."""

from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from newsroom.domain import request_rebuild
from reports.domain import desk

QUESTIONS = {
    "controller": "Who is responsible for this site?",
    "body": "What kind of body is that (for example: a charity)?",
    "address": "Their postal address, on one line:",
    "contact": "An e-mail address or phone number for questions (never for tips):",
    "readers": "Tips are read by ... (how many, in which role, without a name; for example: four trained volunteers)?",
    "reading_days": "On which days are tips read (for example: weekdays)?",
    "police": "What is the tie to the police? A whole sentence (for example: No police force pays us or sits here.)",
    "phone": "The desk's phone number, for the police to compare a pack (printed on packs alone):",
    "funding": "Who pays? A whole sentence (for example: The town council and two trusts pay for this.)",
}
PEOPLE = """
People who speak for the site in public, each as: name, role. Only those who have agreed to be named. Never somebody who
can open tips: their name tells others whom to press. Nothing here is joined to an account."""


class Command(BaseCommand):
    """Ask for each public fact, showing what the pages say now."""

    help = "Say on the public pages who runs the site, who reads tips, the tie to the police, and who pays."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask every question, then store the answers and have the pages made anew."""
        before = desk.profile()
        self.stdout.write("Enter keeps what stands in brackets, a hyphen (-) removes it. The pages show what you type.")
        try:
            facts: dict[str, Any] = {
                name: self._ask(question, getattr(before, name)) for name, question in QUESTIONS.items()
            }
            people = self._people(before.people)
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Stopped. Nothing was changed.") from None
        after = replace(before, **facts, people=people)
        desk.save_profile(after)
        request_rebuild.request_rebuild()
        if after.missing:
            self.stdout.write(f"Not said yet: {', '.join(after.missing)}. The pages leave these out.")

    def _ask(self, question: str, now: str) -> str:
        answer = input(f"{question} [{now}] ").strip()
        return "" if answer == "-" else answer or now

    def _people(self, now: tuple[str, ...]) -> tuple[str, ...]:
        """Return the people who agreed: each one known now is asked about, then new ones until an empty line."""
        self.stdout.write(PEOPLE)
        people = [answer for person in now if (answer := self._ask("Still named?", person))]
        while answer := input("Somebody more who has agreed (Enter: nobody): ").strip():
            people.append(answer)
        return tuple(people)
