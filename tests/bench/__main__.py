"""`./dev bench NAME`: measure side by side in one run and print ratios.

news: a finished page, and the same rendered; submit: a tip and plain Django's form; desk: its pages and the stock
admin's at each size; mailbox: whether right and wrong words take the same time; views: bytes of a first view.
"""

import argparse
import tempfile
from pathlib import Path

from tests.bench import _compare, mailbox, views


def main():
    """Run the named measurement, compare its pages with another checkout's, or list what there is."""
    names = list(_compare.PAGES)
    kind = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, formatter_class=kind)
    parser.add_argument(
        "name",
        choices=[*names, "views"],
        nargs="?",
        help="what to measure; without it --against compares all",
    )
    parser.add_argument(
        "--against",
        type=Path,
        metavar="DIR",
        help="compare p50 of the pages with those of a checkout",
    )
    parser.add_argument(
        "--tips", default="1000,20000", help="tips at each desk, with commas between"
    )
    parser.add_argument("--rounds", type=int, default=30, help="turns of each side")
    parser.add_argument("--brief", action="store_true", help="only show that it runs")
    options, rest = parser.parse_known_args()
    sizes = [100] if options.brief else [int(size) for size in options.tips.split(",")]
    rounds = 1 if options.brief else options.rounds
    if not options.name and not options.against:
        parser.exit(2, f"{parser.format_usage()}NAME is one of: {', '.join(names)}\n")
    if options.name == "mailbox" and not options.against:
        mailbox.main(["--each=5", "--stored=20", *rest] if options.brief else rest)
        return
    if options.name == "views":
        views.main()
        return
    pages = [
        page for name in names if options.name in (name, None) for page in _compare.PAGES[name]
    ]
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-") as folder:
        if options.against:
            sides = _compare.checkouts(options.against.resolve(), Path(folder), pages, sizes=sizes)
        else:
            sides = _compare.sides_of(options.name, Path(folder), sizes=sizes)
        _compare.compare(sides, pages, rounds=rounds)


main()
