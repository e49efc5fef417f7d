"""What English sentences are put together with, where nobody reads them in another language."""


def plural(count: int, one: str, many: str) -> str:
    """Return what is said of so many: `one` of a single thing, `many` of any other number, with the count in it."""
    return one if count == 1 else many
