"""`manage.py nodes`: list machines and the key that each seals to; `--forget` removes one that no longer exists."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.domain import key_rotation
from reports.models import Node


class Command(BaseCommand):
    """List the machines, or forget one."""

    help = "List the servers that report their desk key, or remove one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forget", metavar="ID", help="remove a server that no longer exists")

    def handle(self, *args: Any, **options: Any) -> None:
        if chosen := options["forget"]:
            node = Node.objects.filter(pk=chosen).first()
            if node is None:
                raise CommandError(
                    "There is no server with this ID. To list all servers, leave out --forget."
                )
            key_rotation.forget_node(node=node, by=None)
        for node in Node.objects.all():
            self.stdout.write(
                f"{node.pk}  {node.name}  key {node.key_index}  last report on {node.seen_at:%Y-%m-%d %H:%M}"
            )
