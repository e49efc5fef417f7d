"""`./dev bench NAME`: measure side by side in one run and print ratios. Nothing here is a test."""

import argparse
import importlib
from pathlib import Path

from tests.bench import _compare


def main() -> None:
    """Run the named measurement, compare its pages with another checkout's, or list what there is."""
    names = list(_compare.PAGES)
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("name", choices=names, nargs="?", help="what to measure; without it --against compares all")
    parser.add_argument("--against", type=Path, metavar="DIR", help="compare p50 of the pages with those of a checkout")
    parser.add_argument("--tips", type=int, default=5_000, help="with --against: tips at each desk")
    parser.add_argument("--rounds", type=int, default=30, help="turns of each side")
    options, rest = parser.parse_known_args()
    if options.against:
        pages = [page for name in names if options.name in (name, None) for page in _compare.PAGES[name]]
        _compare.against(options.against.resolve(), pages, tips=options.tips, rounds=options.rounds)
    elif options.name in _compare.ALONE:
        _compare.alone(_compare.PAGES[options.name], rounds=options.rounds)
    elif options.name:
        importlib.import_module(f"tests.bench.{options.name}").main(rest)
    else:
        parser.exit(2, f"{parser.format_usage()}NAME is one of: {', '.join(names)}\n")


main()
