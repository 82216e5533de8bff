"""Compiled loops spread over threads: plain threads around kernels that release the GIL.

Not numba's ``parallel=True``: its default pool aborts the process when two Python threads enter it at once, and its
OpenMP pool aborts forked children; a companion with worker threads meets both.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import torch


def run_in_threads(work: Callable[[int, int], None], num_items: int) -> None:
    """Call ``work(start, stop)`` on ranges that cover 0..``num_items``, spread over torch's number of threads."""
    num_threads = min(torch.get_num_threads(), num_items)
    if num_threads <= 1:
        work(0, num_items)
        return
    edges = [i * num_items // num_threads for i in range(num_threads + 1)]
    with ThreadPoolExecutor(num_threads - 1) as pool:
        others = [pool.submit(work, a, b) for a, b in pairwise(edges[1:])]
        work(edges[0], edges[1])
        for other in others:
            other.result()
