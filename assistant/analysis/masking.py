"""How much of each track's energy the others cover."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatMatrix = NDArray[np.float32]


@dataclass(frozen=True)
class Masking:
    """Masking between N tracks over F cells of time and B auditory bands.

    ``covered_db`` (N, N): how much of the energy of the track in the row, as the ear receives it, the track in the
    column covers: 10 log10(all / what stays audible), 0 nothing, 3 half, at most ``MOST_DB``; the diagonal is 0.
    ``by_all_db`` (N,) the same by all others together; ``over_time_db`` (N, F) by all others in each cell, NaN where
    the track itself is inaudible; ``cells_s`` (F,) where cells start on the session's time line; ``by_band_db`` (N, B)
    by all others in each band of ``bands_hz`` (B,); ``worst_band`` and ``worst_cell`` (N, N) the band and the cell in
    which most of the covered energy of the pair lies, -1 where nothing is covered.
    """

    names: tuple[str, ...]
    covered_db: FloatMatrix = field(compare=False)
    by_all_db: FloatMatrix = field(compare=False)
    over_time_db: FloatMatrix = field(compare=False)
    by_band_db: FloatMatrix = field(compare=False)
    cells_s: FloatMatrix = field(compare=False)
    bands_hz: tuple[float, ...]
    worst_band: NDArray[np.int64] = field(compare=False)
    worst_cell: NDArray[np.int64] = field(compare=False)
