"""The one font of printed packs. Its terms are in DejaVuSans.NOTICE."""

from pathlib import Path

PATH = Path(__file__).with_name("DejaVuSans.ttf")
