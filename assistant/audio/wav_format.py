"""The header of a WAV file: RIFF up to 4 GB, RF64 beyond (EBU Tech 3306).

Written here rather than by libsndfile, whose float WAVs carry a time stamp, so that equal audio gives equal bytes.
"""

from __future__ import annotations

import struct

PCM, FLOAT = 1, 3
RIFF_LIMIT = 0xFFFFFFFF


def wav_header(num_samples: int, channels: int, sample_rate: int, sample_bytes: int, *, is_float: bool) -> bytes:
    """All bytes before the audio; ``sample_bytes`` is 2, 3 or 4. Even, so that the audio needs no alignment."""
    frame_bytes = channels * sample_bytes
    data_bytes = num_samples * frame_bytes
    tag = FLOAT if is_float else PCM
    fmt = struct.pack("<HHIIHH", tag, channels, sample_rate, sample_rate * frame_bytes, frame_bytes, 8 * sample_bytes)
    chunks = _chunk(b"fmt ", fmt + (b"\0\0" if is_float else b""))
    if is_float:
        chunks += _chunk(b"fact", struct.pack("<I", min(num_samples, RIFF_LIMIT)))
    riff_bytes = 4 + len(chunks) + 8 + data_bytes + data_bytes % 2
    if riff_bytes <= RIFF_LIMIT:
        return struct.pack("<4sI4s", b"RIFF", riff_bytes, b"WAVE") + chunks + struct.pack("<4sI", b"data", data_bytes)
    sizes = _chunk(b"ds64", struct.pack("<QQQI", riff_bytes + 36, data_bytes, num_samples, 0))
    head = struct.pack("<4sI4s", b"RF64", RIFF_LIMIT, b"WAVE")
    return head + sizes + chunks + struct.pack("<4sI", b"data", RIFF_LIMIT)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content
