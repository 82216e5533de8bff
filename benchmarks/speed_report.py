"""Is the report of a whole song quick, small, sound, and true?

``mixassist mix --report`` of the song sodium (28 stems of 305 s, AAC): seconds in all, peak memory, the page's size,
what the browser's console says (headless Chromium, where there is one), and the figures of the page against FFmpeg's
ebur128 on the written mix.

    python benchmarks/speed_report.py
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from recording import SONGS, record
from speed_session import independent_meter, run_program

MOST_SECONDS, MOST_MEGABYTES, MOST_DIFFERENCE = 60.0, 10.0, 0.1
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: The labels of the page's tiles, and the meter's names for the same.
TILES = {"Integrated loudness": "ffmpeg_lufs", "True peak": "ffmpeg_true_peak_dbtp"}


def tile_values(page: str) -> dict[str, float]:
    """The figures of the finished mix as the page's text has them."""
    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.split("<body", 1)[1])))
    return {label: float(re.search(rf"{label} (-?[\d.]+)", text.replace("\u2212", "-"))[1]) for label in TILES}


def console_errors(file: Path) -> list[str] | None:
    """What the browser complains about while it draws the page; None without a browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return None
    with tempfile.TemporaryDirectory() as profile:
        command = [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
            *("--no-first-run", f"--user-data-dir={profile}", "--virtual-time-budget=60000", "--window-size=1300,4000"),
            *("--enable-logging=stderr", f"--screenshot={profile}/page.png", f"file://{file}#all"),
        ]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return [line for line in ended.stderr.splitlines() if "CONSOLE" in line]


def main() -> None:
    """Print every figure beside its bound."""
    if not (SONGS / "sodium").is_dir():
        print("skipped: no songs in ../shared/data")
        return
    with tempfile.TemporaryDirectory() as name:
        audio, page = Path(name, "mix.wav"), Path(name, "mix.html")
        figures = run_program("mix", str(SONGS / "sodium"), "-o", str(audio), "--report")
        megabytes, errors = page.stat().st_size / 1e6, console_errors(page)
        shown, measured = tile_values(page.read_text("utf-8")), independent_meter(audio)
    print(f"{figures['seconds']:.1f} s (at most {MOST_SECONDS:.0f}), {figures['peak_bytes'] / 1024**3:.2f} GiB")
    print(f"page: {megabytes:.1f} MB (at most {MOST_MEGABYTES:.0f})")
    print("console: no browser" if errors is None else f"console: {len(errors)} complaints (none allowed) {errors[:3]}")
    for label, meter in TILES.items():
        if meter in measured:
            print(f"{label}: page {shown[label]:.1f}, ebur128 {measured[meter]:.1f} (apart at most {MOST_DIFFERENCE})")
    record("speed_report", {**figures, "megabytes": megabytes, "console": errors, "shown": shown, **measured})


if __name__ == "__main__":
    main()
