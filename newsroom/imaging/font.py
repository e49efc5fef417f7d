"""The one font that we draw with, in pictures and in printed packs. Its terms are in DejaVuSans.NOTICE."""

from pathlib import Path

PATH = Path(__file__).with_name("DejaVuSans.ttf")
