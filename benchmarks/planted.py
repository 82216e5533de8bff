"""Sessions of CC0 material, clean and with one fault planted in each: what the search for problems has to find.

Clean sessions: the demo at the artists' levels, two small bands sequenced from the Sonic Pi samples, and 16 s of each
song of *Everything is Free*. What lies outside the repository is left out where it is missing. Every plant is a
function of a session's :class:`Cast`; noise is drawn with a fixed seed, so the same material gives the same sessions.

Contents: :class:`Cast`, :func:`casts`; :class:`Fault`, ``PLANTS``, :func:`plants`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from recording import SAMPLES, SONGS
from scipy.signal import butter, sosfilt

from assistant.analysis.loudness import integrated_loudness
from assistant.analysis.spectrum import third_octave_levels
from assistant.audio.reading import read_audio
from assistant.demo_session import demo_folder
from assistant.engineers.levels import LEVEL_LU
from assistant.mix import Session, Track

LENGTH_S = 16.0
#: What the demo's README says was added to each stem.
DEMO_GAINS_DB = {
    "lead_vocal": 8.6,
    "vocal_echo": 16.7,
    "backing_vocal": 10.5,
    "kick": 0.5,
    "hi_hat": 12.2,
    "drum_loop": 2.7,
    "bass": 7.9,
    "synth": 4.2,
    "synth_bleep": 6.6,
}
#: The second at which each excerpt begins, its stems (those for lead, body and drum first), and which can boom.
EXCERPTS: dict[str, tuple[float, tuple[str, ...], str]] = {
    "rubidium": (100.0, ("vox_lead", "bgvox", "drums_2", "minilogue_synth"), ""),
    "potassium": (
        217.0,
        ("vox_lead", "pad_+_bass", "outro_drum", "minilogue_synth", "mallet", "microcosm_effect"),
        "vox_lead",
    ),
    "lithium": (
        276.0,
        ("vox_lead", "minilogue_synth", "off_kick", "fill_piano", "bgvox_1", "arp_dist", "bgvox_main"),
        "minilogue_synth",
    ),
    "sodium": (251.0, ("vox_lead", "bgvox_outro", "slow_beat", "bgvox_ooh", "glitch_hh"), "vox_lead"),
}
#: Sequences at 120 beats a minute: track, role, sample, beats between hits, first beat, semitones hit by hit.
Part = tuple[str, str, str, float, float, tuple[int, ...]]
BANDS: dict[str, tuple[Part, ...]] = {
    "acoustic band": (
        ("guitar", "electric guitar", "guit_e_slide", 8, 0, (0, 3, -2, 0)),
        ("piano", "piano", "ambi_piano", 2, 0, (19, 24, 22, 12, 19, 24, 26, 22)),
        ("snare", "snare", "drum_snare_hard", 2, 1, (0,)),
        ("kick", "kick", "drum_bass_hard", 2, 0, (0,)),
        ("hi hat", "hihat", "drum_cymbal_closed", 0.5, 0, (0,)),
        ("bass", "bass", "bass_woodsy_c", 4, 0, (4, 7, 2, 0)),
        ("choir", "backing vocal", "ambi_choir", 4, 2, (0, 3, -2, 2)),
        ("tom", "toms", "drum_tom_mid_soft", 8, 7, (0, -3)),
    ),
    "electronic band": (
        ("lead synth", "lead synth", "elec_chime", 8, 0, (0, 5, 7, 3)),
        ("pad", "pad", "ambi_lunar_land", 16, 0, (0, 0)),
        ("snare", "snare", "sn_zome", 2, 1, (0,)),
        ("kick", "kick", "bd_haus", 1, 0, (0,)),
        ("hi hat", "hihat", "hat_gem", 0.5, 0.5, (0,)),
        ("bass", "bass", "bass_trance_c", 2, 0, (0, 3, 5, -2)),
        ("loop", "drum loop", "loop_compus", 16, 0, (0,)),
        ("bell", "mallets", "perc_bell2", 16, 8, (0,)),
        ("synth", "synth", "ambi_soft_buzz", 2, 0.5, (3, 5, 7, 3)),
    ),
}


@dataclass(frozen=True)
class Cast:
    """A clean session and who plays which part in it: the tracks in which faults are planted.

    ``lead`` rests now and then, ``body`` is any other, ``drum`` a drum or a beat; ``boomy`` has something below
    200 Hz, but is no bass; empty where there is none.
    """

    name: str
    session: Session
    lead: str
    body: str
    drum: str
    boomy: str


@dataclass(frozen=True)
class Fault:
    """What was planted: a kind of ``assistant.analysis.faults.KINDS``, in which tracks, and where it can be named.

    ``also`` are the kinds that follow from it: what was made loud may well cover others too.
    """

    kind: str
    tracks: frozenset[str]
    band_hz: tuple[float, float] | None = None
    also: frozenset[str] = frozenset()


def casts() -> Iterator[Cast]:
    """All clean sessions for which there is material."""
    yield Cast("demo", _demo(), "backing_vocal", "synth", "drum_loop", "synth")
    if SAMPLES.is_dir():
        yield Cast("acoustic band", _band("acoustic band"), "choir", "guitar", "snare", "piano")
        yield Cast("electronic band", _band("electronic band"), "lead synth", "pad", "kick", "synth")
    for song, (_, stems, boomy) in EXCERPTS.items():
        if (SONGS / song).is_dir():
            yield Cast(song, _excerpt(song), *stems[:3], boomy)


def _demo() -> Session:
    audio = {}
    for name, gain_db in DEMO_GAINS_DB.items():
        audio[name] = _gained(read_audio(demo_folder() / f"{name}.flac", 48_000)[0], -gain_db)
    return _session(audio, 48_000)


@lru_cache(maxsize=len(EXCERPTS))
def _excerpt(song: str) -> Session:
    start_s, stems, _ = EXCERPTS[song]
    audio = {}
    for stem in stems:
        whole, rate = read_audio(SONGS / song / f"{stem}.m4a", 48_000)
        audio[stem] = whole[:, round(start_s * rate) : round((start_s + LENGTH_S) * rate)].copy()
    return _session(audio, 48_000)


@lru_cache(maxsize=len(BANDS))
def _band(name: str) -> Session:
    audio = {}
    for track, role, sample, every, first, semitones in BANDS[name]:
        played = _sequence(sample, every, first, semitones)
        audio[track] = _gained(played, LEVEL_LU[role] - 26.0 - integrated_loudness(played, 44_100))
    return _session(audio, 44_100)


def _sequence(sample: str, every: float, first: float, semitones: tuple[int, ...]) -> np.ndarray:
    """The sample at 120 beats a minute; a hit ends where the next begins."""
    sound, rate = read_audio(SAMPLES / f"{sample}.flac", 44_100)
    out = np.zeros((len(sound), round(LENGTH_S * rate)), np.float32)
    fade = np.linspace(1.0, 0.0, 441, dtype=np.float32)
    for hit, beat in enumerate(np.arange(first, 2.0 * LENGTH_S, every)):
        speed = 2.0 ** (semitones[hit % len(semitones)] / 12.0)
        places = np.arange(min(int(sound.shape[1] / speed), round(every * 0.5 * rate))) * speed
        note = np.stack([np.interp(places, np.arange(sound.shape[1]), row) for row in sound]).astype(np.float32)
        note[:, -len(fade) :] *= fade
        start = round(float(beat) * 0.5 * rate)
        out[:, start : start + note.shape[1]] += note[:, : out.shape[1] - start]
    return out


def _session(audio: Mapping[str, np.ndarray], sample_rate: int) -> Session:
    return Session(tuple(_track(name, a, sample_rate) for name, a in audio.items()), sample_rate)


def _track(name: str, audio: np.ndarray, sample_rate: int) -> Track:
    samples = np.ascontiguousarray(audio, np.float32)
    return Track(name, audio=samples, channels=len(audio), sample_rate=sample_rate, num_samples=audio.shape[1])


def _gained(audio: np.ndarray, gain_db: float) -> np.ndarray:
    return (audio * 10.0 ** (gain_db / 20.0)).astype(np.float32)


def _with(session: Session, name: str, audio: np.ndarray) -> Session:
    """``session`` with other audio in a track, or with one more track."""
    track = _track(name, audio, session.sample_rate)
    if name not in {t.name for t in session.tracks}:
        return replace(session, tracks=(*session.tracks, track))
    return replace(session, tracks=tuple(track if t.name == name else t for t in session.tracks))


def _altered(
    cast: Cast, name: str, kind: str, change: Callable[[np.ndarray], np.ndarray], *also: str
) -> tuple[Session, Fault]:
    session = _with(cast.session, name, change(cast.session.track(name).audio))
    return session, Fault(kind, frozenset((name,)), also=frozenset(also))


def _copied(cast: Cast, kind: str, gain: float, delay_s: float) -> tuple[Session, Fault]:
    """One more track that is the lead, ``delay_s`` late."""
    audio = cast.session.track(cast.lead).audio
    late = round(delay_s * cast.session.sample_rate)
    copy = np.pad(audio * np.float32(gain), ((0, 0), (late, 0)))[:, : audio.shape[1]]
    return _with(cast.session, "another take", copy), Fault(kind, frozenset((cast.lead, "another take")))


def _clashing(cast: Cast) -> tuple[Session, Fault]:
    """A second microphone on the drum from the other side: turned, duller, half a millisecond late, with a rattle."""
    audio, rate = cast.session.track(cast.drum).audio, cast.session.sample_rate
    rng = np.random.default_rng(1)
    low = sosfilt(butter(2, 2_000.0, fs=rate, output="sos"), audio)
    rattle = sosfilt(butter(2, 1_500.0, "highpass", fs=rate, output="sos"), rng.standard_normal(audio.shape))
    envelope = sosfilt(butter(1, 20.0, fs=rate, output="sos"), np.abs(audio))
    under = np.roll(-0.7 * low, round(0.0005 * rate), axis=1) + 0.5 * rattle * envelope
    tracks = frozenset((cast.drum, "drum under"))
    return _with(cast.session, "drum under", under), Fault("polarity", tracks, also=frozenset(("masking",)))


def _clipped(audio: np.ndarray) -> np.ndarray:
    """Six dB into a ceiling."""
    ceiling = float(np.abs(audio).max()) / 2.0
    return np.clip(audio, -ceiling, ceiling)


def _boomed(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """A low shelf of 12 dB at 180 Hz: four times the amplitude below."""
    return audio + 3.0 * sosfilt(butter(2, 180.0, fs=sample_rate, output="sos"), audio)


def _hummed(audio: np.ndarray, sample_rate: int, mains_hz: float) -> np.ndarray:
    """Hum at -45 dBFS, on both channels."""
    time_s = np.arange(audio.shape[1]) / sample_rate
    parts = ((1, 0.8), (2, 0.4), (3, 0.35), (5, 0.2))
    wave = sum(level * np.sin(2.0 * np.pi * mains_hz * n * time_s + n) for n, level in parts)
    return audio + 10.0 ** (-45.0 / 20.0) * wave / np.sqrt(np.mean(np.square(wave)))


def _hissed(audio: np.ndarray) -> np.ndarray:
    """Hiss 25 dB under the loudest tenth of a second."""
    loud = max(float(np.square(part).mean()) for part in np.array_split(audio, int(LENGTH_S * 10), axis=1))
    return audio + np.sqrt(loud) * 10.0 ** (-25.0 / 20.0) * np.random.default_rng(2).standard_normal(audio.shape)


def _masked(cast: Cast) -> tuple[Session, Fault]:
    """A dense sound 15 dB over the lead, an octave to either side of the lead's strongest, all the time."""
    lead, rate = cast.session.track(cast.lead).audio, cast.session.sample_rate
    band_hz = _strongest_octaves(lead, rate)
    rng = np.random.default_rng(3)
    band = butter(4, band_hz, "bandpass", fs=rate, output="sos")
    dense = sosfilt(band, rng.standard_normal((1, lead.shape[1])))
    dense *= 1.0 + 0.3 * np.sin(2.0 * np.pi * 4.0 * np.arange(lead.shape[1]) / rate)
    powers = np.square(sosfilt(band, lead)).mean(axis=0)
    loud = float(np.mean(powers[powers > 1e-3 * float(powers.max())]))
    over_db = 15.0 + 10.0 * float(np.log10(loud / np.square(dense).mean()))
    session = _with(cast.session, "dense synth", _gained(dense, over_db))
    tracks = frozenset((cast.lead, "dense synth"))
    return session, Fault("masking", tracks, band_hz, frozenset(("masking", "too loud")))


def _strongest_octaves(audio: np.ndarray, sample_rate: int) -> tuple[float, float]:
    """Two octaves around the one between 250 Hz and 4 kHz in which most of ``audio`` is."""
    frequencies, levels_db = third_octave_levels(audio, sample_rate)
    powers = 10.0 ** (levels_db / 10.0)
    inside = [k for k in range(1, len(powers) - 1) if 300.0 < frequencies[k] < 3_200.0]
    middle = max(inside, key=lambda k: float(powers[k - 1 : k + 2].sum()))
    return float(frequencies[middle] / 2.0), float(frequencies[middle] * 2.0)


#: Every plant by name: what it makes of a cast.
PLANTS: dict[str, Callable[[Cast], tuple[Session, Fault]]] = {
    "masking": _masked,
    "12 dB too loud": lambda c: _altered(c, c.body, "too loud", lambda a: _gained(a, 12.0), "masking"),
    "boomy": lambda c: _altered(
        c, c.boomy, "low end", lambda a: _boomed(a, c.session.sample_rate), "too loud", "masking"
    ),
    "inverted copy": lambda c: _copied(c, "polarity", -0.8, 0.0),
    "snare from below": _clashing,
    "duplicate": lambda c: _copied(c, "duplicate", 0.7, 0.0),
    "late duplicate": lambda c: _copied(c, "duplicate", 0.7, 0.011),
    "clipping": lambda c: _altered(c, c.lead, "clipping", _clipped),
    "clipped drum": lambda c: _altered(c, c.drum, "clipping", _clipped),
    "DC": lambda c: _altered(c, c.lead, "dc", lambda a: a + 0.02),
    "hum 50 Hz": lambda c: _altered(c, c.lead, "hum", lambda a: _hummed(a, c.session.sample_rate, 50.0)),
    "hum 60 Hz": lambda c: _altered(c, c.body, "hum", lambda a: _hummed(a, c.session.sample_rate, 60.0)),
    "noise": lambda c: _altered(c, c.lead, "noise", _hissed),
    "near silent": lambda c: _altered(c, c.drum, "near silent", lambda a: _gained(a, -50.0)),
}


def plants(cast: Cast) -> Iterator[tuple[str, Session, Fault]]:
    """Every fault that ``cast`` has room for: its name, the session with it, and what is to be found."""
    for name, make in PLANTS.items():
        if name != "boomy" or cast.boomy:
            yield name, *make(cast)
