"""Does the differentiable console agree with the Faust render, over hundreds of settings, tracks and sample rates?

python benchmarks/quality_agreement.py
"""

from __future__ import annotations

import statistics

from agreement import SAMPLE_RATES, errors_db
from recording import record

from assistant.params import BY_NAME

#: Draws per sample rate, and the most that median and worst may be, in dB.
BOUNDS = {
    "eq": (200, -100.0, -100.0),
    "compressor": (200, -100.0, -75.0),
    "strip": (200, -100.0, -75.0),
    "reverb": (24, -60.0, -60.0),
}
SECONDS = 6.0


def main() -> None:
    """Print median and worst of every section at every rate, and the settings of the worst."""
    for section, (num_draws, most_median, most_worst) in BOUNDS.items():
        for sample_rate in SAMPLE_RATES:
            rows = list(errors_db(section, sample_rate, num_draws, SECONDS))
            errors = [error for error, _ in rows]
            worst, settings = max(rows, key=lambda row: row[0])
            median = statistics.median(errors)
            print(
                f"{section:10s} {sample_rate:6d} Hz, {num_draws} draws: "
                f"median {median:7.1f} dB (at most {most_median:.0f}), "
                f"worst {worst:7.1f} dB (at most {most_worst:.0f})"
            )
            shown = ", ".join(
                f"{name} {value:.3g}" for name, value in settings.items() if value != BY_NAME[name].default
            )
            print(f"{'':11s}worst at {shown}")
            record("quality_agreement", {"section": section, "rate": sample_rate, "median": median, "worst": worst})


if __name__ == "__main__":
    main()
