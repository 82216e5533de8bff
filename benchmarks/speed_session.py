"""How long does `mixassist mix` take for whole sessions, decoding included, and how much memory at most?

Two sessions: the song sodium (28 stems of 305 s, AAC) when ../shared/data is there, and 100 stereo tracks of 5 minutes
that never fall silent. Each runs as a process of its own; the finished mix is measured by FFmpeg's ebur128 when the
program ffmpeg is there.

    python benchmarks/speed_session.py
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from recording import SONGS, record

MOST_SECONDS, MOST_BYTES = 60.0, 2 * 1024**3
NUM_TRACKS, SECONDS, SAMPLE_RATE, DIFFERENT = 100, 300, 48_000, 4


def make_large_session(folder: Path) -> Path:
    """A hundred names for a few files of steady noise; what the program reads is as much as if all differed."""
    stems = folder / "large"
    stems.mkdir()
    rng = np.random.default_rng(0)
    for index in range(DIFFERENT):
        noise = rng.standard_normal((SECONDS * SAMPLE_RATE, 2), np.float32) * 0.1
        soundfile.write(folder / f"{index}.wav", noise, SAMPLE_RATE, subtype="PCM_16")
    for index in range(NUM_TRACKS):
        (stems / f"track {index:03d}.wav").symlink_to(folder / f"{index % DIFFERENT}.wav")
    return stems


def run_program(*arguments: str) -> dict[str, float]:
    """Wall and processor seconds and peak resident bytes of `mixassist ARGUMENTS`; raises where it fails."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "assistant.cli.main", *arguments, "--quiet"])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"mixassist ended with status {status}")
    seconds, processor_seconds = time.perf_counter() - start, usage.ru_utime + usage.ru_stime
    return {"seconds": seconds, "processor_seconds": processor_seconds, "peak_bytes": usage.ru_maxrss * 1024}


def independent_meter(file: Path) -> dict[str, float]:
    """Integrated loudness and true peak by FFmpeg's ebur128, or nothing where ffmpeg is missing."""
    if not shutil.which("ffmpeg"):
        return {}
    command = ["ffmpeg", "-nostats", "-i", str(file), "-af", "ebur128=peak=true", "-f", "null", "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    summary = text[text.rindex("Summary:") :]
    loudness = re.search(r"I:\s+(-?[\d.]+) LUFS", summary)
    peak = re.search(r"Peak:\s+(-?[\d.]+) dBFS", summary)
    assert loudness is not None
    assert peak is not None
    return {"ffmpeg_lufs": float(loudness[1]), "ffmpeg_true_peak_dbtp": float(peak[1])}


def main() -> None:
    """Print time, memory and loudness of both sessions beside their bounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sessions = {"large": make_large_session(folder)}
        if (SONGS / "sodium").is_dir():
            sessions["sodium"] = SONGS / "sodium"
        for session, stems in sessions.items():
            output = folder / "mix.wav"
            figures = run_program("mix", str(stems), "-o", str(output)) | independent_meter(output)
            bound = f" (at most {MOST_SECONDS:.0f})" if session == "sodium" else ""
            print(
                f"{session}: {figures['seconds']:.1f} s{bound}, peak memory {figures['peak_bytes'] / 1024**3:.2f} GiB "
                f"(at most {MOST_BYTES / 1024**3:.0f}), {figures.get('ffmpeg_lufs', 'unmeasured')} LUFS, "
                f"{figures.get('ffmpeg_true_peak_dbtp', 'unmeasured')} dBTP"
            )
            record("speed_session", {"session": session, **figures})


if __name__ == "__main__":
    main()
