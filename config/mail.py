"""Mail of a desk without a mail server: readable lines in the server's output."""

import sys
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class PlainBackend(BaseEmailBackend):
    """Write each message's subject and text as they are, not as the network would carry them; nobody's address."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write them to the standard output and return how many there were."""
        for message in email_messages:
            people = len(message.recipients())
            sys.stdout.write(
                f"An email for {people} people, not sent because MAIL_HOST is not set. {message.subject}\n"
            )
            sys.stdout.write("".join(f"  {line}\n" for line in str(message.body).splitlines()))
        sys.stdout.flush()
        return len(email_messages)
