"""How close does a rendered proposal come to the artists' own mix, by what meters can tell?

The stems of *Everything is Free* (CC0) carry the artists' mix: their plain sum. Of each song the minute is taken in
which the mix is loudest while the lead vocal sings; every stem is brought to one loudness before an engineer hears it.
The proposals are rendered without the master and compared with the artists' sum at equal loudness. Per engineer, all
differences proposal minus artists:

- spectrum: mean over 40 Hz-16 kHz of the absolute difference per third of an octave, smoothed over three, in dB;
  low, mud, sibilance: the difference of 20-120, 200-400 and 5000-10000 Hz in dB;
- width: side share of the power in 20-120, 120-500, 500-2000, 2000-8000 and above 8000 Hz, in hundredths;
  balance: right over left in dB (not a difference);
- vocal: loudness of the lead vocal over everything else while it sings; LRA; crest factor, in LU and dB;
- reverb: its return against the dry mix in LU (not a difference; 12 to 25 below is usual);
- reduction: median and greatest over the compressed tracks of what the compressor takes off for a tenth of the time
  (level of blocks of 20 ms with and without it), and how many tracks are compressed;
- ends: settings away from their defaults that stand at an end of their range.

The artists' stems are finished: little tone or dynamics is left to mend, and a difference is not always a fault. The
installed weights of ``dmc`` were taught by lithium, sodium and potassium: only rubidium is held out there.

Usage: ``python benchmarks/quality_rules.py [FOLDER]``; about five minutes. Results are appended to
``benchmarks/results/quality_rules.jsonl``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from quality_levels import COMMON_LUFS, SAMPLE_RATE, Song, find_songs, load_levelled, read_song, vocal_over_backing
from recording import record

from assistant.analysis.loudness import integrated_loudness, loudness_range, momentary_loudness
from assistant.analysis.peaks import crest_factor_db
from assistant.analysis.spectrum import third_octave_levels
from assistant.analysis.stereo import balance_db
from assistant.engineers.interface import make_engineer
from assistant.mix import ChannelSettings, Mix
from assistant.params import CHANNEL_PARAMS
from render.mixdown import REVERB_STEM, RenderOptions, render_premaster
from render.strips import StripRenderer

ENGINEERS = ("mono", "equal-loudness", "rules", "dmc")
PASSAGE_S = 60
REGIONS_HZ = {"low": (20.0, 120.0), "mud": (200.0, 400.0), "sibilance": (5_000.0, 10_000.0)}
WIDTH_EDGES_HZ = (20.0, 120.0, 500.0, 2_000.0, 8_000.0, 20_000.0)
COLUMNS = (
    *("spectrum", "low", "mud", "sibilance", "width", "balance", "vocal", "lra", "crest", "reverb"),
    *("reduction", "most", "compressed", "ends"),
)


@dataclass(frozen=True)
class Reading:
    """What the meters say about one mix at its own loudness: band levels (dB), side shares per region, scalars."""

    bands_hz: np.ndarray
    bands_db: np.ndarray
    side_shares: np.ndarray
    balance: float
    lra: float
    crest: float
    vocal: float


def cut_passage(song: Song) -> Song:
    """The minute of ``song`` in which the power of the artists' mix, counted while the lead vocal sings, is largest."""
    length = min(len(m) for m in song.momentary.values())
    total = np.sum([10.0 ** (m[:length] / 10.0) for m in song.momentary.values()], axis=0)
    sung = np.where(song.momentary["vox_lead"][:length] > song.levels["vox_lead"] - 10.0, total, 0.0)
    start_s = int(np.argmax(np.convolve(sung, np.ones(10 * PASSAGE_S), "valid"))) / 10.0
    first, count = round(start_s * SAMPLE_RATE), PASSAGE_S * SAMPLE_RATE
    tracks = []
    for track in song.session.tracks:
        audio = np.array(track.audio[:, first : first + count])
        tracks.append(replace(track, audio=audio, num_samples=audio.shape[1]))
    return replace(song, session=replace(song.session, tracks=tuple(tracks)))


def artists_stems(song: Song) -> dict[str, np.ndarray]:
    """The stems at the artists' levels, float32 ``(2, T)``."""
    stems = {}
    for track in song.session.tracks:
        gain_db = song.levels.get(track.name, COMMON_LUFS) - COMMON_LUFS
        stems[track.name] = load_levelled(track, SAMPLE_RATE) * np.float32(10.0 ** (gain_db / 20.0))
    return stems


def read_mix(stems: Mapping[str, np.ndarray]) -> Reading:
    """Meter the sum of ``stems``, float32 ``(2, T)`` each."""
    mix = np.sum(list(stems.values()), axis=0)
    hz, bands_db = third_octave_levels(mix, SAMPLE_RATE)
    middle, side = (mix[:1] + mix[1:]) / 2.0, (mix[:1] - mix[1:]) / 2.0
    middle_power, side_power = (10.0 ** (third_octave_levels(a, SAMPLE_RATE)[1] / 10.0) for a in (middle, side))
    inside = [(hz >= low) & (hz < high) for low, high in pairwise(WIDTH_EDGES_HZ)]
    shares = [side_power[i].sum() / max(1e-20, (side_power + middle_power)[i].sum()) for i in inside]
    loudness_lufs = integrated_loudness(mix, SAMPLE_RATE)
    return Reading(
        bands_hz=hz,
        bands_db=bands_db - loudness_lufs,
        side_shares=np.array(shares),
        balance=balance_db(mix),
        lra=loudness_range(mix, SAMPLE_RATE),
        crest=crest_factor_db(mix),
        vocal=vocal_balance(stems),
    )


def vocal_balance(stems: Mapping[str, np.ndarray]) -> float:
    """Loudness of the lead vocal over the sum of the others (reverb left out) while it sings, in LU."""
    dry = {name: audio for name, audio in stems.items() if name != REVERB_STEM}
    momentary = {name: momentary_loudness(audio, SAMPLE_RATE) for name, audio in dry.items()}
    levels = {"vox_lead": integrated_loudness(dry["vox_lead"], SAMPLE_RATE)}
    return vocal_over_backing(Song(None, levels, momentary), {})


def compare(proposed: Reading, artists: Reading) -> dict[str, float]:
    """The figures of one proposal beside the artists' mix."""
    hz = artists.bands_hz
    difference = np.nan_to_num(proposed.bands_db - artists.bands_db, posinf=0.0, neginf=0.0)
    smooth = np.convolve(np.pad(difference, 1, mode="edge"), np.ones(3) / 3.0, "valid")
    heard = (hz >= 40.0) & (hz <= 16_000.0)
    figures = {"spectrum": float(np.mean(np.abs(smooth[heard])))}
    for name, (low, high) in REGIONS_HZ.items():
        inside = (hz >= low) & (hz < high)
        ours, theirs = (10.0 * np.log10(np.sum(10.0 ** (r.bands_db[inside] / 10.0))) for r in (proposed, artists))
        figures[name] = float(ours - theirs)
    widths = 100.0 * (proposed.side_shares - artists.side_shares)
    figures |= {"width": float(np.mean(np.abs(widths))), "balance": proposed.balance}
    figures |= {name: getattr(proposed, name) - getattr(artists, name) for name in ("vocal", "lra", "crest")}
    return figures


def reductions(song: Song, mix: Mix) -> dict[str, float]:
    """What the strip's compressor takes off each compressed track for a tenth of the time it plays, in dB."""
    renderer, found = StripRenderer(SAMPLE_RATE), {}
    for track in song.session.tracks:
        settings = mix.channel(track.name).settings
        if settings["comp_ratio"] > 1.0:
            without = settings.with_values(comp_ratio=1.0, comp_makeup_db=0.0)
            audio = load_levelled(track, SAMPLE_RATE)
            before, after = (block_levels(renderer, audio, s) for s in (without, settings))
            taken = before - after + settings["comp_makeup_db"]
            found[track.name] = float(np.percentile(taken[before > before.max() - 30.0], 90))
    return found


def block_levels(renderer: StripRenderer, audio: np.ndarray, settings: ChannelSettings) -> np.ndarray:
    """Level in dB of the strip's output per block of 20 ms."""
    output = np.zeros_like(audio)
    for segment in renderer.render(audio, settings):
        room = output[:, segment.start : segment.start + segment.audio.shape[1]]
        room += segment.audio[:, : room.shape[1]]
    block = SAMPLE_RATE // 50
    whole = output[:, : output.shape[1] // block * block].reshape(2, -1, block)
    return 10.0 * np.log10(np.maximum(np.square(whole).mean(axis=(0, 2)), 1e-20))


def settings_at_ends(mix: Mix) -> int:
    """How many settings away from their defaults stand at an end of their range (switches and panners aside)."""
    ranged = [p for p in CHANNEL_PARAMS if p.curve != "toggle" and p.name not in ("pan", "width")]
    return sum(
        c.settings[p.name] != p.default and c.settings[p.name] in (p.low, p.high) for c in mix.channels for p in ranged
    )


def render_proposal(song: Song, engineer: str) -> tuple[Mix, dict[str, np.ndarray]]:
    """What ``engineer`` proposes for ``song``, and its stems behind their faders, float32 ``(2, T)``, reverb beside."""
    mix = make_engineer(engineer, load_levelled).propose(song.session)
    stems: dict[str, np.ndarray] = {}
    render_premaster(song.session, mix, load_levelled, RenderOptions(on_stem=stems.__setitem__))
    return mix, stems


def reverb_over_dry(stems: Mapping[str, np.ndarray]) -> float:
    """Loudness of the reverb's return over the dry mix in LU; ``-inf`` where there is none."""
    if REVERB_STEM not in stems:
        return -np.inf
    dry = np.sum([audio for name, audio in stems.items() if name != REVERB_STEM], axis=0)
    return integrated_loudness(stems[REVERB_STEM], SAMPLE_RATE) - integrated_loudness(dry, SAMPLE_RATE)


def judge(song: Song, engineer: str, artists: Reading) -> dict[str, float]:
    """All figures of one engineer's proposal for ``song``."""
    mix, stems = render_proposal(song, engineer)
    figures = compare(read_mix(stems), artists) | {"reverb": reverb_over_dry(stems)}
    taken = list(reductions(song, mix).values())
    figures |= {"reduction": float(np.median(taken or [0.0])), "most": max(taken, default=0.0)}
    return figures | {"compressed": len(taken), "ends": settings_at_ends(mix)}


def print_row(song: str, engineer: str, figures: Mapping[str, float]) -> None:
    """One line of the table."""
    print(f"{song:10} {engineer:15}" + "".join(f"{figures[name]:+11.1f}" for name in COLUMNS), flush=True)


def main() -> int:
    """Print the table, song by song."""
    songs = find_songs()
    if not songs:
        return 0
    print(f"{'song':10} {'engineer':15}" + "".join(f"{name:>11}" for name in COLUMNS))
    results: dict[str, dict[str, dict[str, float]]] = {}
    for folder in songs:
        name, song = folder.name, cut_passage(read_song(folder))
        artists = read_mix(artists_stems(song))
        results[name] = {engineer: judge(song, engineer, artists) for engineer in ENGINEERS}
        for engineer in ENGINEERS:
            print_row(name, engineer, results[name][engineer])
    for engineer in ENGINEERS:
        rows = [row[engineer] for row in results.values()]
        print_row("mean |x|", engineer, {c: float(np.mean([abs(row[c]) for row in rows])) for c in COLUMNS})
    record("quality_rules", {"results": results})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
