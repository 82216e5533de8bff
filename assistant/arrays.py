"""Names for the arrays that travel between the parts: audio is ``(C, T)``, channels by samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Audio ``(C, T)`` or any other real-valued array; float32 unless a docstring says otherwise.
FloatArray = NDArray[np.floating[Any]]
