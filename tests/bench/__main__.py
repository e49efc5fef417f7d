"""`./dev bench NAME`: measure side by side in one run and print ratios. Nothing here is a test."""

import importlib
import pkgutil
import sys
from pathlib import Path


def main() -> None:
    """Run the named measurement, or list what there is."""
    names = sorted(
        module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if module.name[0] != "_"
    )
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        sys.exit(f"Usage: ./dev bench NAME, where NAME is one of: {', '.join(names)}")
    importlib.import_module(f"tests.bench.{sys.argv[1]}").main(sys.argv[2:])


main()
