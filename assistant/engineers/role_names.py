"""A track's role out of its name, as engineers write names: ``k in``, ``OHL``, ``bgvox_2``, ``AGtr Dbl``, ``Gesang``.

A name is cut into lower-case words at separators, digits and camel case, accents dropped; a word that is in no list
is cut into known ones (``leadgtr``). The words per role stand in ``role_aliases``; the longest match wins a word.

Contents: :func:`words_of`, :func:`role_from_name`, :func:`side_of`, :func:`stem_of`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from assistant.engineers.role_aliases import ALIASES, BACKING_WORDS, NEUTRAL_WORDS

_DRUM_PIECES = frozenset(("kick", "snare", "clap", "hihat", "cymbal", "toms"))
_SIDES = {"l": -1, "left": -1, "lt": -1, "lft": -1, "links": -1, "gauche": -1, "izq": -1}
_SIDES |= {"r": 1, "right": 1, "rt": 1, "rgt": 1, "rechts": 1, "droite": 1, "der": 1}
_TIED = {"ohl": -1, "ohr": 1}
_STRONG, _HINT = 0.95, 0.6


@cache
def words_of(name: str) -> tuple[str, ...]:
    """The lower-case words of ``name``, without accents; numbers are words of their own (``Kick01`` -> kick, 01)."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})", " ", plain)
    raw = re.findall(r"[a-z]+\d(?![a-z\d])|[a-z]+|\d+", plain.lower())
    words: list[str] = []
    for word in raw:
        words += _known_or_cut(word)
    return tuple(words)


def role_from_name(name: str) -> dict[str, float]:
    """How strongly ``name`` speaks for each role, 0..1; empty when it says nothing.

    Among equally long matches the last word counts most: in English compounds the head comes last (*organ sweep* is a
    sweep). Two different pieces of a kit in one name are a drum loop.
    """
    words = tuple(w for w in words_of(name) if w not in _SIDES)
    words = tuple(w for w in words if not w.isdigit() or w in ("808", "909", "12"))
    found: dict[str, float] = {}
    for role, first, length, weight in _matches(words):
        place = 0.85 + 0.15 * (first + length) / len(words)
        found[role] = max(found.get(role, 0.0), min(1.0, weight * place))
    pieces = [role for role in found if role in _DRUM_PIECES and found[role] > 0.5]
    if len(pieces) > 1:
        return {"drum loop": _STRONG}
    if "lead vocal" in found and "backing vocal" not in found and _backing_words() & set(words):
        return {"backing vocal": found["lead vocal"]}
    return found


def side_of(name: str) -> int:
    """-1 when the name ends on a left suffix (``gtr L``), +1 on a right one, 0 otherwise."""
    words = [w for w in words_of(name) if not w.isdigit()]
    if not words:
        return 0
    return _TIED.get(words[-1]) or (_SIDES.get(words[-1], 0) if len(words) > 1 else 0)


def stem_of(name: str) -> str:
    """``name`` without its side and number suffixes: what the tracks of a pair or a stack have in common."""
    words = ["oh" if w in _TIED else w for w in words_of(name) if w not in _SIDES]
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    return " ".join(words)


def _matches(words: tuple[str, ...]) -> list[tuple[str, int, int, float]]:
    """(role, first word, number of words, weight) of the matches, the longest taking their words first."""
    table, longest = _alias_table()
    free, found = [True] * len(words), []
    for length in range(longest, 0, -1):
        for first in range(len(words) - length + 1):
            span = slice(first, first + length)
            entry = table.get(words[span])
            if entry and all(free[span]):
                free[span] = [False] * length
                found.append((entry[0], first, length, entry[1]))
    return found


@cache
def _alias_table() -> tuple[dict[tuple[str, ...], tuple[str, float]], int]:
    table = {}
    for role, aliases in ALIASES.items():
        for alias in aliases.split(", "):
            weight = _HINT if alias.endswith("?") else _STRONG
            table[tuple(alias.rstrip("?").split())] = (role, weight)
    return table, max(len(key) for key in table)


@cache
def _backing_words() -> frozenset[str]:
    return frozenset(BACKING_WORDS.split(", "))


@cache
def _vocabulary() -> frozenset[str]:
    words = {word for key in _alias_table()[0] for word in key}
    return frozenset(words | _backing_words() | set(_SIDES) | set(NEUTRAL_WORDS.split(", ")))


def _known_or_cut(word: str) -> list[str]:
    """``word`` as the list knows it: itself, its singular, without its digit, or cut into known words."""
    known = _vocabulary()
    if word in known or word.isdigit():
        return [word]
    if word[-1].isdigit():
        return [*_known_or_cut(word[:-1]), word[-1]]
    if len(word) > 3 and word.endswith("s") and word[:-1] in known:
        return [word[:-1]]
    for cut in range(len(word) - 2, 2, -1):
        head, tail = word[:cut], word[cut:]
        if head in known and (tail in known or tail.rstrip("s") in known):
            return [head, tail if tail in known else tail.rstrip("s")]
    return [word]
