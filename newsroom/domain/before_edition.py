"""What a machine does before it builds an edition: changes whose time has come go live, and pictures are there."""

import logging
from datetime import datetime

from newsroom.domain import images, working_copies

log = logging.getLogger(__name__)


def make_ready(*, at: datetime) -> None:
    """Publish the changes that are due by `at`, and lay out the pictures that the pages may show."""
    working_copies.publish_due(at=at)
    try:
        images.lay_out()
    except OSError:  # a full disk must not keep a withdrawn page up
        log.exception("a picture could not be laid out; the pages go on without")
