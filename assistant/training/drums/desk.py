"""The kit as the engineer finds it on the desk, and a mixdown of gains and pans.

Contents: :class:`Desk` and :func:`look_at` (which track is what, and what only the whole kit tells), :func:`mix_down`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from assistant.arrays import FloatArray
from assistant.mix import ChannelSettings, Session, Track
from assistant.params import db_to_amplitude
from assistant.training.drums.evidence import hat_strengths, loudness_lufs, tom_pitch_hz

#: The part of a track by the words of its name, the first that fits; a single kick or snare track is the main one.
PART_WORDS: tuple[tuple[str, str], ...] = (
    ("kick out", "kick out"),
    ("snare bottom", "snare bottom"),
    ("kick", "kick"),
    ("snare", "snare"),
    ("hi-hat", "hihat"),
    ("tom", "tom"),
    ("ride", "ride"),
    ("crash", "crash"),
    ("overhead", "overheads"),
    ("room", "room"),
)
#: The role of every part (see ``assistant.engineers.roles``).
ROLE_OF_PART: dict[str, str] = {
    "kick": "kick",
    "kick out": "kick",
    "snare": "snare",
    "snare bottom": "snare",
    "hihat": "hihat",
    "tom": "toms",
    "ride": "cymbal",
    "crash": "cymbal",
    "overheads": "overheads",
    "room": "drum room",
}
USUAL_TEMPO_BPM = 120.0


@dataclass(frozen=True)
class Desk:
    """A kit by the names of its tracks.

    ``parts`` what each is; ``loudness`` its level in LUFS; ``toms`` from the highest to the lowest; ``hat_side`` +1
    where the hi-hat stands right, -1 left; ``overhead_sides`` of a pair of mono overheads, -1 and +1; ``is_stereo``
    the tracks with two channels; ``tempo`` in BPM.
    """

    parts: Mapping[str, str]
    loudness: Mapping[str, float]
    toms: tuple[str, ...] = ()
    hat_side: float = 1.0
    overhead_sides: Mapping[str, float] = field(default_factory=dict)
    is_stereo: frozenset[str] = frozenset()
    tempo: float = USUAL_TEMPO_BPM

    def count(self, *parts: str) -> int:
        """How many tracks are one of ``parts``."""
        return sum(part in parts for part in self.parts.values())

    @property
    def num_close(self) -> int:
        """How many close microphones there are."""
        return len(self.parts) - self.count("overheads", "room")


def part_of(track: Track) -> str:
    """The part of ``track`` by its name; raises ``ValueError`` for a track that is no part of a drum kit."""
    name = track.name.lower()
    for words, part in PART_WORDS:
        if words in name:
            return part
    raise ValueError(f"track {track.name!r}: expected a name with one of {', '.join(w for w, _ in PART_WORDS)}")


def look_at(session: Session) -> Desk:
    """The desk of ``session``, whose tracks carry float audio ``(C, T)``; see :func:`part_of` for what it raises."""
    rate = session.sample_rate
    parts = {track.name: part_of(track) for track in session.tracks}
    by_part = {part: [t for t in session.tracks if parts[t.name] == part] for part in ROLE_OF_PART}
    loudness = {track.name: loudness_lufs(track.audio, rate) for track in session.tracks}
    pitches = {track.name: tom_pitch_hz(track.audio, rate) for track in by_part["tom"]}
    overheads = by_part["overheads"]
    hat_side, sides = 1.0, {}
    if len(overheads) == 1 and overheads[0].channels == 2 and by_part["hihat"]:
        left, right = hat_strengths(by_part["hihat"][0].audio[0], overheads[0].audio, rate)
        hat_side = 1.0 if right >= left else -1.0
    if len(overheads) == 2:
        sides = _pair_sides((overheads[0], overheads[1]), by_part["hihat"], loudness, rate)
    return Desk(
        parts=parts,
        loudness=loudness,
        toms=tuple(sorted(pitches, key=lambda name: (-pitches[name], name))),
        hat_side=hat_side,
        overhead_sides=sides,
        is_stereo=frozenset(track.name for track in session.tracks if track.channels == 2),
        tempo=session.tempo or USUAL_TEMPO_BPM,
    )


def _pair_sides(
    pair: tuple[Track, Track], hats: list[Track], loudness: Mapping[str, float], sample_rate: int
) -> dict[str, float]:
    """The overhead that carries more hi-hat, both at the same loudness, stands right; without one, the second does."""
    first, second = pair
    side = -1.0
    if hats:
        channels = np.stack([overhead.audio[0] for overhead in pair])
        gains = np.array([db_to_amplitude(-loudness[overhead.name]) for overhead in pair])
        strengths = gains * hat_strengths(hats[0].audio[0], channels, sample_rate)
        side = 1.0 if strengths[0] > strengths[1] else -1.0
    return {first.name: side, second.name: -side}


def mix_down(session: Session, settings: Mapping[str, ChannelSettings]) -> FloatArray:
    """The stereo mix ``(2, T)`` of ``session`` by polarity, trim, fader, width and pan (constant power) alone.

    What the console does with these settings and all others neutral, without torch.
    """
    length = max(track.audio.shape[1] for track in session.tracks)
    total = np.zeros((2, length), np.float32)
    for track in session.tracks:
        total[:, : track.audio.shape[1]] += _gains(settings[track.name], track.channels) @ track.audio
    return total


def _gains(settings: ChannelSettings, channels: int) -> FloatArray:
    """Gains ``(2, C)`` from a track's channels to left and right."""
    gain = db_to_amplitude(settings["trim_db"] + settings["fader_db"]) * (1.0 - 2.0 * settings["polarity_inverted"])
    pan, width = settings["pan"], settings["width"]
    if channels == 1:
        angle = (pan + 1.0) * math.pi / 4.0
        return np.array([[gain * math.cos(angle)], [gain * math.sin(angle)]], np.float32)
    same, other = (1.0 + width) / 2.0, (1.0 - width) / 2.0
    balance = np.array([[min(1.0, 1.0 - pan)], [min(1.0, 1.0 + pan)]])
    return (gain * balance * np.array([[same, other], [other, same]])).astype(np.float32)
