"""Bech32 (BIP-173), the text form of age's keys: pyrage takes and gives no other."""

from functools import reduce
from operator import xor

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def encode(prefix: str, data: bytes) -> str:
    """Return `data` as lower-case Bech32 text under `prefix` (BIP-173).

    The 90-character limit is left out, as age leaves it out. `prefix` is lower-case printable ASCII.
    """
    payload = _five_bit_groups(data)
    text = "".join(_ALPHABET[group] for group in payload + _checksum(prefix, payload))
    return f"{prefix}1{text}"


def decode(text: str) -> bytes:
    """Return the data of a text whose checksum pyrage has verified, as it does of every recipient."""
    payload = text.rpartition("1")[2][:-6].lower()
    number = reduce(lambda number, char: number << 5 | _ALPHABET.index(char), payload, 0)
    size = len(payload) * 5 // 8
    return (number >> (len(payload) * 5 - size * 8)).to_bytes(size)


def _five_bit_groups(data: bytes) -> list[int]:
    """Return `data` as numbers of five bits, most significant first, the last one padded with zero bits."""
    count = -(-len(data) * 8 // 5)
    number = int.from_bytes(data) << (count * 5 - len(data) * 8)
    return [number >> (5 * place) & 31 for place in reversed(range(count))]


def _checksum(prefix: str, payload: list[int]) -> list[int]:
    """Return the six groups that make the whole text a multiple of the BCH code's generator (BIP-173)."""
    expanded = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    residue = _polymod(expanded + payload + [0] * 6) ^ 1
    return [residue >> (5 * place) & 31 for place in reversed(range(6))]


def _polymod(groups: list[int]) -> int:
    """Return the remainder by the code's generator of the groups, a polynomial over GF(32) (BIP-173)."""
    remainder = 1
    for group in groups:
        remainder = (remainder & 0x1FFFFFF) << 5 ^ group ^ _REDUCED[remainder >> 25]
    return remainder


def _reduced(top: int) -> int:
    """Return the generator terms to XOR in for the five bits `top` that are shifted out."""
    terms = (term for bit, term in enumerate(_GENERATOR) if top >> bit & 1)
    return reduce(xor, terms, 0)


_REDUCED = [_reduced(top) for top in range(32)]
