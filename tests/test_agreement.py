"""The contract between the two consoles: PyTorch and Faust agree on real tracks (the full sweep is a benchmark)."""

import statistics

import pytest
from agreement import SAMPLE_RATES, errors_db


@pytest.mark.parametrize("sample_rate", SAMPLE_RATES)
@pytest.mark.parametrize(
    ("section", "num_draws", "most_median_db", "most_worst_db"),
    [("eq", 8, -100.0, -100.0), ("strip", 12, -100.0, -75.0), ("reverb", 3, -60.0, -60.0)],
)
def test_consoles_agree(
    section: str, num_draws: int, most_median_db: float, most_worst_db: float, sample_rate: int
) -> None:
    errors = [error for error, _ in errors_db(section, sample_rate, num_draws, seconds=2.0, seed=1)]
    assert len(errors) == num_draws
    assert statistics.median(errors) <= most_median_db
    assert max(errors) <= most_worst_db
