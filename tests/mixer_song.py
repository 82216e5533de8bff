"""A song of any number of tracks with a proposal of realistic values, for the mixer's tests and benchmark."""

from __future__ import annotations

from random import Random

from assistant.mix import ChannelMix, ChannelSettings, Mix, Session, Track
from assistant.params import CHANNEL_NAMES
from gui.models.document import Document
from gui.views.mixer import Mixer
from gui.workshop.values import Desk, SessionInfo
from protocols.daw import DawTrack

_PARTS = (
    ("Kick In", "kick"),
    ("Snare Top", "snare"),
    ("Hi-Hat", "hihat"),
    ("Floor Tom", "toms"),
    ("Overheads", "overheads"),
    ("Bass DI", "bass"),
    ("Acoustic Guitar Verse DPA", "acoustic guitar"),
    ("El Gtr Left", "electric guitar"),
    ("Piano", "piano"),
    ("Strings", "strings"),
    ("Pad", "pad"),
    ("Lead Vox", "lead vocal"),
    ("BV High", "backing vocal"),
    ("Riser", "riser"),
)


def _channel(rng: Random, name: str, role: str, confidence: float) -> ChannelMix:
    values = {
        "fader_db": round(rng.uniform(-14.0, -3.0), 1),
        "trim_db": round(rng.uniform(-4.0, 6.0), 1),
        "pan": rng.choice([-0.6, -0.2, 0.35, 0.6]),
        "highpass_on": 1.0,
        "highpass_hz": rng.uniform(30.0, 160.0),
        "peak1_gain_db": rng.uniform(-5.0, -1.0),
        "comp_ratio": rng.choice([2.0, 3.0, 4.0]),
        "comp_threshold_db": rng.uniform(-30.0, -14.0),
        "send_db": rng.uniform(-26.0, -8.0),
    }
    return ChannelMix(name, ChannelSettings(values), role, confidence, ("Cut at 320 Hz: boxy beside the bass.",))


def make_document(tracks: int, *, has_daw: bool = False, is_proposed: bool = True) -> Document:
    """A document of so many tracks: all at -2 dB in the middle, the proposal of every part but polarity still open."""
    rng = Random(7)
    rows = [_PARTS[k % len(_PARTS)] for k in range(tracks)]
    names = [f"{name} {k // len(_PARTS) + 1}" if k >= len(_PARTS) else name for k, (name, _) in enumerate(rows)]
    session = Session(
        tuple(Track(name, channels=1 + k % 2, num_samples=48_000) for k, name in enumerate(names)), 48_000
    )
    before = Mix(tuple(ChannelMix(name, ChannelSettings(fader_db=-2.0)) for name in names))
    proposed = Mix(
        tuple(
            _channel(rng, name, role, 0.4 if k == 1 else 0.9) for k, (name, (_, role)) in enumerate(_zip(names, rows))
        )
    )
    strips = tuple(DawTrack(name, "audio", 2, frozenset(CHANNEL_NAMES)) for name in names)
    desk = Desk("ardour", "Ardour", "song", "constant_power", strips, {}) if has_daw else None
    document = Document()
    document.load(SessionInfo("", "song", session, before), desk)
    if is_proposed:
        document.show_mix(proposed)
    return document


def _zip(names: list[str], rows: list[tuple[str, str]]) -> list[tuple[str, tuple[str, str]]]:
    return list(zip(names, rows, strict=True))


def connect(mixer: Mixer, document: Document) -> None:
    """As ``gui.app`` does."""
    mixer.decided.connect(document.decide)
    mixer.all_decided.connect(document.decide_all)
    mixer.shared_decided.connect(document.decide_shared)
    mixer.amount_changed.connect(document.set_amount)
    mixer.lock_changed.connect(document.set_locked)
    mixer.values_changed.connect(document.set_values)
    mixer.values_reset.connect(document.reset_values)
    mixer.role_chosen.connect(document.set_role)
    mixer.solo_toggled.connect(document.set_soloed)
    mixer.mute_toggled.connect(document.set_muted)
