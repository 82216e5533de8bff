"""Cut the demo session out of the song *lithium* and print what sounds where.

Run from the repository: ``python benchmarks/make_demo_session.py``. It needs the songs in ``../shared/data`` and
writes ``assistant/demo/*.flac``; the same songs give the same bytes. The passage is 32 beats at 124 a minute, found by
each stem's level per second: a passage in which lead vocal, backing vocals, kick, hi-hat, drum loop, bass and
synthesisers all sound, if not all at once. Samples are rounded to 16 bit without dither: the
stems were decoded from AAC, whose own noise is far above it, and dithered silence would not fit into 4 MB.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from assistant.audio.reading import read_audio

ROOT = Path(__file__).resolve().parents[1]
SONG = ROOT / "../shared/data/everything-is-free/lithium"
DEMO = ROOT / "assistant/demo"

START_S = 110.312
LENGTH_S = 32 * 60 / 124
FADE_S = 0.005
PEAK_DBFS = -3.0
MONO_SIDE_DB = -60.0  # a difference between left and right below this, relative to the peak, is mono

STEMS = {
    "vox_lead": "lead_vocal",
    "vox_echo": "vocal_echo",
    "bgvox_1": "backing_vocal",
    "off_kick": "kick",
    "glitch_hh": "hi_hat",
    "break_beat": "drum_loop",
    "sy_bass": "bass",
    "minilogue_synth": "synth",
    "beep": "synth_bleep",
}


def cut(stem: str) -> tuple[np.ndarray, int, float]:
    """The passage of ``stem`` float32 ``(C, T)``, its rate in Hz, and the gain in dB that brought it to its peak."""
    audio, rate = read_audio(SONG / f"{stem}.m4a")
    begin, length = round(START_S * rate), round(LENGTH_S * rate)
    passage = audio[:, begin : begin + length].astype(np.float64)
    ramp = np.linspace(0, 1, round(FADE_S * rate))
    passage[:, : len(ramp)] *= ramp
    passage[:, -len(ramp) :] *= ramp[::-1]
    peak = float(np.abs(passage).max())
    side = float(np.abs(passage[0] - passage[-1]).max())
    if side < peak * 10 ** (MONO_SIDE_DB / 20):
        passage = passage.mean(axis=0, keepdims=True)
    gain = 10 ** (PEAK_DBFS / 20) / peak
    return (passage * gain).astype(np.float32), rate, 20 * float(np.log10(gain))


def seconds_sounding(audio: np.ndarray, rate: int) -> str:
    """One character per second: ``#`` within 20 dB of the loudest second, ``+`` within 40 dB, ``.`` below."""
    whole = audio[:, : audio.shape[1] // rate * rate].reshape(audio.shape[0], -1, rate)
    level = 10 * np.log10((whole**2).mean(axis=(0, 2)) + 1e-12)
    return "".join("#" if v > level.max() - 20 else "+" if v > level.max() - 40 else "." for v in level)


def main() -> None:
    """Write all stems and print their figures."""
    DEMO.mkdir(exist_ok=True)
    total = 0
    for stem, name in STEMS.items():
        audio, rate, gain_db = cut(stem)
        path = DEMO / f"{name}.flac"
        soundfile.write(path, np.rint(audio.T * 32_767).astype(np.int16), rate, compression_level=1.0)
        total += path.stat().st_size
        kind = "mono" if audio.shape[0] == 1 else "stereo"
        size = f"{path.stat().st_size / 1e3:5.0f} kB"
        print(f"{path.name:20} {kind:6} {rate} Hz {gain_db:+6.1f} dB {size}  {seconds_sounding(audio, rate)}")
    print(f"{len(STEMS)} stems, {LENGTH_S:.3f} s, {total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
