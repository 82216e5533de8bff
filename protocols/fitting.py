"""Whether a mix fits a session: tracks that are missing, new or probably renamed, and audio that is not what it was.

A renamed track is guessed at: by its name (difflib's ratio, words and capitals evened out), and where several names
fit, or none does, by the length and rate of its audio. Guesses are worded as such; nothing acts on them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile

from assistant.audio.formats import printable
from assistant.mix import Mix, Session
from assistant.wording import exact_time_text
from protocols.stems import NAMES_SHOWN

SAME_LENGTH_S = 0.001
# Names less alike than this are taken for those of two tracks; of audio as long they may be less alike (gtr, guitar).
# One name within another counts as at least _WITHIN.
_ALIKE, _ALIKE_IF_AS_LONG, _WITHIN = 0.6, 0.5, 0.75
# What equal, or other, audio adds to or takes from the likeness of two names.
_AUDIO_COUNTS = 0.15
_TIE = 0.01
_NAMES_IN_DOUBT = 3
# Letters of a name, and pairs of names: difflib takes up to a third of a millisecond for a pair.
_LONGEST_NAME, _LONGEST_COMPARED, _MOST_COMPARED = 250, 32, 20_000


@dataclass(frozen=True)
class Recorded:
    """What is known of a track's audio: Hz, samples per channel, channels (1 or 2); ``None`` where nothing is."""

    sample_rate: int | None = None
    num_samples: int | None = None
    channels: int | None = None

    @property
    def duration_s(self) -> float | None:
        """Length in seconds, if known."""
        if self.sample_rate is None or self.num_samples is None:
            return None
        return self.num_samples / self.sample_rate


@dataclass(frozen=True)
class Fit:
    """How a session differs from what a mix is about.

    ``missing`` are the mix's tracks that the session lacks, each with a guess at its new name or ``""``; ``extra`` the
    session's tracks that the mix has no settings for and that are nobody's new name; ``changed`` sentences about audio
    that is not what it was when the mix was saved.
    """

    missing: Mapping[str, str]
    extra: tuple[str, ...]
    changed: tuple[str, ...]


def differences(mix: Mix, session: Session) -> tuple[str, ...]:
    """In sentences, which tracks of ``mix`` and of ``session`` have no counterpart there; empty where all have one."""
    wanted = {channel.name: Recorded() for channel in mix.channels}
    tracks = {t.name: Recorded(t.sample_rate, t.num_samples, t.channels) for t in session.tracks}
    fit = compare(wanted, tracks, {name: sound for name, sound in tracks.items() if name not in wanted})
    missing = (
        f"{printable(name)}: not in the session" + (guess and f"; {guess}") for name, guess in fit.missing.items()
    )
    return (*missing, *((extra_text(fit.extra),) if fit.extra else ()))


def compare(wanted: Mapping[str, Recorded], present: Mapping[str, Recorded], spare: Mapping[str, Recorded]) -> Fit:
    """How the ``wanted`` tracks of a mix, as recorded, differ from those that are ``present``.

    ``spare`` holds the tracks of the session, or the files, that are nobody's: new ones, or renamed ones.
    """
    missing = {name: recorded for name, recorded in wanted.items() if name not in present}
    guesses = _guesses(missing, spare, _plain({*wanted, *spare}))
    texts = {old: guesses[old].text if old in guesses else "" for old in missing}
    certain = {guess.new[0] for guess in guesses.values() if len(guess.new) == 1}
    pairs = {name: (wanted[name], present[name]) for name in wanted if name in present}
    return Fit(texts, tuple(name for name in spare if name not in certain), _changes(pairs))


def extra_text(names: Collection[str]) -> str:
    """The sentence that the mix knows nothing of the tracks ``names``."""
    return f"the mix has no settings for {shortened(printable(name) for name in names)}"


def shortened(names: Iterable[str]) -> str:
    """The first few of ``names``, and how many more there are."""
    shown = list(names)
    more = len(shown) - NAMES_SHOWN
    return ", ".join(shown[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _changes(pairs: Mapping[str, tuple[Recorded, Recorded]]) -> tuple[str, ...]:
    """A sentence each for the rates, lengths and channels that differ between what was recorded and what is there."""
    rates, lengths, channels = [], [], []
    for name, (was, now) in pairs.items():
        shown = printable(name)
        if _is_other(was.sample_rate, now.sample_rate):
            rates.append(f"{shown} ({now.sample_rate} Hz, was {was.sample_rate} Hz)")
        if _is_other(was.duration_s, now.duration_s, SAME_LENGTH_S):
            before, after = (exact_time_text(recorded.duration_s or 0.0) for recorded in (was, now))
            lengths.append(f"{shown} ({after}, was {before})")
        if _is_other(was.channels, now.channels):
            channels.append(f"{shown} ({_width_text(now.channels)}, was {_width_text(was.channels)})")
    found = {"sample rate": rates, "length": lengths, "number of channels": channels}
    return tuple(f"other {what} than when the mix was saved: {shortened(at)}" for what, at in found.items() if at)


def _is_other(was: float | None, now: float | None, tolerance: float = 0.0) -> bool:
    return was is not None and now is not None and abs(was - now) > tolerance


def _width_text(channels: int | None) -> str:
    return "mono" if channels == 1 else "stereo"


@dataclass(frozen=True)
class _Guess:
    """That ``old`` is now called one of ``new``, which are as likely, and whether there is any doubt."""

    old: str
    new: tuple[str, ...]
    is_doubtful: bool
    is_as_long: bool

    @property
    def text(self) -> str:
        """In words."""
        names = " or ".join(printable(name) for name in self.new[:_NAMES_IN_DOUBT])
        names += " or another" if len(self.new) > _NAMES_IN_DOUBT else ""
        certainty = "perhaps" if self.is_doubtful else "probably"
        return f"{certainty} renamed: {printable(self.old)} -> {names}{', of the same length' * self.is_as_long}"


def _guesses(
    missing: Mapping[str, Recorded], spare: Mapping[str, Recorded], plain: Mapping[str, str]
) -> dict[str, _Guess]:
    """What the ``missing`` are called now, each of the ``spare`` being one of them at most."""
    if len(missing) * len(spare) > _MOST_COMPARED:
        return {}
    scores = {old: _scores(old, was, spare, plain) for old, was in missing.items()}
    free, found = set(spare), {}
    for old, row in sorted(scores.items(), key=lambda item: -max(item[1].values(), default=0.0)):
        left = {new: score for new, score in row.items() if new in free}
        likely = tuple(new for new, score in left.items() if score > max(left.values()) - _TIE)
        if likely:
            agreement = min(_agreement(missing[old], spare[new]) for new in likely)
            is_doubtful = len(likely) > 1 or agreement < 0 or not _is_near(plain[old], plain[likely[0]])
            found[old] = _Guess(old, likely, is_doubtful, agreement > 0)
        if len(likely) == 1:
            free.remove(likely[0])
    unnamed = {old: was for old, was in missing.items() if old not in found}
    return found | _as_long(unnamed, {new: sound for new, sound in spare.items() if new in free})


def _as_long(missing: Mapping[str, Recorded], spare: Mapping[str, Recorded]) -> dict[str, _Guess]:
    """The pairs of ``missing`` and ``spare`` tracks of which neither has any other of the same length."""
    same = {old: [new for new, now in spare.items() if _agreement(was, now) > 0] for old, was in missing.items()}
    claims = Counter(new for names in same.values() for new in names)
    return {
        old: _Guess(old, tuple(names), is_doubtful=True, is_as_long=True)
        for old, names in same.items()
        if len(names) == 1 and claims[names[0]] == 1
    }


def _scores(old: str, was: Recorded, spare: Mapping[str, Recorded], plain: Mapping[str, str]) -> dict[str, float]:
    """How likely each of the ``spare`` tracks is ``old`` by another name, of those whose names are alike."""
    scores = {}
    for new, now in spare.items():
        likeness, agreement = _likeness(plain[old], plain[new]), _agreement(was, now)
        if likeness >= (_ALIKE_IF_AS_LONG if agreement > 0 else _ALIKE):
            scores[new] = likeness + _AUDIO_COUNTS * agreement
    return scores


def _likeness(old: str, new: str) -> float:
    """0 to 1."""
    ratio = SequenceMatcher(None, old, new, autojunk=False).ratio()
    is_within = min(len(old), len(new)) > 2 and (old in new or new in old)
    return max(ratio, _WITHIN) if is_within else ratio


def _is_near(old: str, new: str) -> bool:
    """Whether two names are alike whatever the audio, and not of other numbers: gtr 2 and gtr 3 may be two guitars."""
    was, now = re.findall(r"\d+", old), re.findall(r"\d+", new)
    return _likeness(old, new) >= _ALIKE and (was == now or not (was and now))


def _agreement(was: Recorded, now: Recorded) -> int:
    """1 for audio of the same rate and length, -1 for other audio, 0 where that is not known."""
    if was.duration_s is None or now.duration_s is None:
        return 0
    return 1 if (was.sample_rate, was.num_samples) == (now.sample_rate, now.num_samples) else -1


def _plain(names: Collection[str]) -> dict[str, str]:
    """Each name in small letters, without marks and spaces, and without the words that all of three or more share."""
    words = {name: _words(name) or [name] for name in names}
    # The last word of a name is always kept.
    columns = zip(*(its[:-1] for its in words.values()), strict=False) if len(words) > 2 else ()
    shared = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))
    return {name: "".join(its[shared:])[:_LONGEST_COMPARED] for name, its in words.items()}


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", name[:_LONGEST_NAME]).casefold())
