"""Would anybody with ears send a proposal back? What meters can ask in their place, on four real songs.

As in ``quality_rules``: of each song of *Everything is Free* (CC0) the minute is taken in which the artists' mix is
loudest while the lead vocal sings, every stem is brought to one loudness, and the proposal is rendered; here through
the master too, at -14 LUFS. Each figure has a bound, and what lies outside is named. Beside stand ``rules`` and, to
show what the bounds are worth, the artists' own mix.

- vocal: loudness of the lead vocal over the backing while it sings, against the artists', in LU: within 3;
- centre: the rendered balance farthest from the middle, right over left in dB, of the stems whose names say kick or
  bass and nothing else and of the mix below 120 Hz: within 2, some three degrees between loudspeakers; pan: the panner
  of those stems that is farthest off (no bound); mix: the balance of the whole, within 1.5;
- ends: settings away from their defaults within a hundredth of the end of their travel: none;
- spectrum: mean |difference| from the artists' mix per third of an octave, smoothed over three, 40 Hz-16 kHz: within
  5 dB; band: the largest of them: within 12;
- reverb: its return over the dry mix in LU: at most -10 (drier is no fault);
- peak: true peak behind the master in dBTP: at most -1; sample: the sample peak in dBFS (no bound: it lies below);
- limiter: how much loudness the limiter takes away on the way to -14 LUFS, in LU: at most 1.5;
- DC: the offset against the RMS of the finished mix in dB: at most -50;
- click: by how much the largest jump between two samples, over the RMS of all jumps, grows from a stem to its rendered
  self, in dB, the worst stem's: at most 6. A change of tone moves both, a click one;
- NaN: samples that are not finite: none (the renderer and the meters refuse them too, and end the benchmark).

The bounds but the first and the true peak's are our own choice. The weights of ``dmc`` were taught by lithium, sodium
and potassium: only rubidium is held out.

Usage: ``python benchmarks/quality_sanity.py [FOLDER]``; about four minutes. Results are appended to
``benchmarks/results/quality_sanity.jsonl``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from quality_levels import SAMPLE_RATE, Song, find_songs, load_levelled, read_song
from quality_rules import Reading, artists_stems, compare, cut_passage, read_mix, render_proposal, reverb_over_dry
from recording import record

from assistant.analysis.levels import amplitude_to_db, channel_moments, dc_offset
from assistant.analysis.loudness import integrated_loudness
from assistant.analysis.peaks import sample_peak_db, true_peak_dbtp
from assistant.analysis.spectrum import third_octave_levels
from assistant.analysis.stereo import balance_db
from assistant.engineers.role_names import role_from_name
from assistant.mix import Mix
from assistant.params import CHANNEL_PARAMS
from render.master import Master

ENGINEERS = ("dmc", "rules")
ARTISTS = "artists"
TARGET_LUFS = -14.0
NEAR_END = 0.01
#: Least and most of every figure that has a bound.
BOUNDS: dict[str, tuple[float, float]] = {
    "vocal": (-3.0, 3.0),
    "centre": (-2.0, 2.0),
    "mix": (-1.5, 1.5),
    "ends": (0.0, 0.0),
    "spectrum": (0.0, 5.0),
    "band": (-12.0, 12.0),
    "reverb": (-math.inf, -10.0),
    "peak": (-math.inf, -1.0),
    "limiter": (-0.1, 1.5),
    "DC": (-math.inf, -50.0),
    "click": (-math.inf, 6.0),
    "NaN": (0.0, 0.0),
}
COLUMNS = (*BOUNDS, "pan", "sample")
_LOW_ROLES = {"kick", "bass", "sub bass"}
_LOW_HZ = 120.0


def sits_low(name: str) -> bool:
    """Whether a stem's name says kick or bass and nothing else."""
    said = set(role_from_name(name))
    return bool(said) and said <= _LOW_ROLES


def farthest(values: Mapping[str, float]) -> tuple[float, str]:
    """The value farthest from 0, and whose it is; 0 where there is none."""
    name = max(values, key=lambda n: abs(values[n]), default="")
    return values.get(name, 0.0), name


def largest_band(proposed: Reading, artists: Reading) -> tuple[float, str]:
    """The largest smoothed difference of a third octave from 40 Hz to 16 kHz in dB, and where it lies."""
    difference = np.nan_to_num(proposed.bands_db - artists.bands_db, posinf=0.0, neginf=0.0)
    smooth = np.convolve(np.pad(difference, 1, mode="edge"), np.ones(3) / 3.0, "valid")
    bands = {f"{hz:.0f} Hz": float(d) for hz, d in zip(artists.bands_hz, smooth, strict=True) if 40.0 <= hz <= 16_000.0}
    return farthest(bands)


def settings_near_ends(mix: Mix) -> list[str]:
    """The settings away from their defaults that stand at, or next to, an end of their travel."""
    found = []
    for channel in mix.channels:
        for p in CHANNEL_PARAMS:
            value = channel.settings[p.name]
            at = p.to_unit(value)
            if p.curve != "toggle" and value != p.default and not NEAR_END < at < 1.0 - NEAR_END:
                found.append(f"{channel.name} {p.name}={value:g}")
    return found


def jump_db(audio: np.ndarray) -> float:
    """The largest jump between two successive samples over the RMS of all jumps, in dB; ``-inf`` for silence."""
    jumps = np.diff(audio, axis=1)
    rms = math.sqrt(float(np.mean(np.square(jumps, dtype=np.float64))))
    return amplitude_to_db(float(np.abs(jumps).max()) / rms) if rms > 0.0 else -math.inf


def clicks_db(song: Song, stems: Mapping[str, np.ndarray]) -> dict[str, float]:
    """By how much the largest jump of every stem that sounds stands out more than it did before.

    Inside the passage: where it was cut out of the song, the reverb's tail makes a step of every stem.
    """
    found = {}
    for track in song.session.tracks:
        before = jump_db(load_levelled(track, SAMPLE_RATE))
        if math.isfinite(before):
            found[track.name] = jump_db(stems[track.name][:, : track.num_samples]) - before
    return found


def master(stems: Mapping[str, np.ndarray], mix: Mix) -> tuple[np.ndarray, dict[str, float]]:
    """The finished mix (2, T), and what the master's meters say of it."""
    premaster = np.sum(list(stems.values()), axis=0)
    mastered = Master(SAMPLE_RATE).master(premaster, replace(mix, target_lufs=TARGET_LUFS))
    moments = channel_moments(mastered.audio)
    rms = math.sqrt(sum(moments.powers) / len(moments.powers))
    without_limiter = integrated_loudness(premaster, SAMPLE_RATE) + mastered.settings["master_gain_db"]
    return mastered.audio, {
        "peak": true_peak_dbtp(mastered.audio, SAMPLE_RATE),
        "sample": sample_peak_db(mastered.audio),
        "limiter": without_limiter - mastered.loudness_lufs,
        "DC": amplitude_to_db(abs(dc_offset(moments)) / rms),
    }


def low_balances(stems: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Right over left in dB of the low stems that sound, and of everything below 120 Hz."""
    balances = {name: balance_db(audio) for name, audio in stems.items() if sits_low(name) and np.any(audio)}
    channels = np.sum(list(stems.values()), axis=0)[:, None]
    (hz, left), (_, right) = (third_octave_levels(channel, SAMPLE_RATE) for channel in channels)
    left, right = (10.0 * np.log10(np.sum(10.0 ** (side[hz < _LOW_HZ] / 10.0))) for side in (left, right))
    return balances | {"below 120 Hz": float(right - left)}


def judge(
    song: Song, mix: Mix, stems: Mapping[str, np.ndarray], artists: Reading
) -> tuple[dict[str, float], dict[str, str]]:
    """All figures of one mix of ``song``, rendered to ``stems``, and for some what stands behind the number."""
    reading = read_mix(stems)
    compared = compare(reading, artists)
    finished, figures = master(stems, mix)
    clicks, ends = clicks_db(song, stems), settings_near_ends(mix)
    details = {"ends": ", ".join(ends), "click": max(clicks, key=lambda name: clicks[name])}
    figures["centre"], details["centre"] = farthest(low_balances(stems))
    figures["pan"], _ = farthest({c.name: c.settings["pan"] for c in mix.channels if sits_low(c.name)})
    figures["band"], details["band"] = largest_band(reading, artists)
    figures |= {"vocal": compared["vocal"], "spectrum": compared["spectrum"], "mix": reading.balance}
    figures |= {"reverb": reverb_over_dry(stems), "ends": len(ends), "click": clicks[details["click"]]}
    figures["NaN"] = float(sum(np.count_nonzero(~np.isfinite(audio)) for audio in (finished, *stems.values())))
    return figures, details


def judge_all(song: Song) -> dict[str, tuple[dict[str, float], dict[str, str]]]:
    """The figures of every engineer's mix of ``song`` and of the artists' own."""
    theirs = artists_stems(song)
    artists = read_mix(theirs)
    judged = {e: judge(song, *render_proposal(song, e), artists) for e in ENGINEERS}
    return judged | {ARTISTS: judge(song, Mix(()), theirs, artists)}


def outside(figures: Mapping[str, float]) -> list[str]:
    """The figures outside their bounds, or not numbers."""
    return [name for name, (least, most) in BOUNDS.items() if not least <= figures[name] <= most]


def print_row(song: str, engineer: str, figures: Mapping[str, float], details: Mapping[str, str]) -> None:
    """One line of the table."""
    faults = [f"{name} ({details[name]})" if details.get(name) else name for name in outside(figures)]
    verdict = f"FAIL: {'; '.join(faults)}" if faults else "PASS"
    print(f"{song:10} {engineer:7}" + "".join(f"{figures[name]:9.1f}" for name in COLUMNS) + f"  {verdict}", flush=True)


def main() -> int:
    """Print the table, song by song, and how many songs pass."""
    songs = find_songs()
    if not songs:
        return 0
    print(f"{'song':10} {'':7}" + "".join(f"{name:>9}" for name in COLUMNS))
    results: dict[str, dict[str, dict[str, float]]] = {engineer: {} for engineer in (*ENGINEERS, ARTISTS)}
    for folder in songs:
        for engineer, (figures, details) in judge_all(cut_passage(read_song(folder))).items():
            results[engineer][folder.name] = figures
            print_row(folder.name, engineer, figures, details)
    for engineer, rows in results.items():
        passed = [song for song, figures in rows.items() if not outside(figures)]
        print(f"{engineer}: {len(passed)} of {len(rows)} songs pass")
    record("quality_sanity", {"results": results})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
