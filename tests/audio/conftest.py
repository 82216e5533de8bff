"""Audio files for the tests, made with the libraries the readers use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

SONGS = Path(__file__).parents[2] / "../shared/data/everything-is-free"


@pytest.fixture(scope="session")
def noise() -> np.ndarray:
    """Half a second of stereo noise at 48 kHz, ``(2, 24000)``, peak 0.5."""
    audio = np.random.default_rng(7).uniform(-0.5, 0.5, (2, 24_000))
    return audio.astype(np.float32)


@pytest.fixture(scope="session")
def encode() -> Callable[..., Path]:
    """A function that writes audio ``(C, T)`` with one of FFmpeg's encoders."""
    return _encode


@pytest.fixture(scope="session")
def songs() -> Path:
    """The folder of the four songs; skips where they are not installed."""
    if not SONGS.is_dir():
        pytest.skip("needs ../shared/data/everything-is-free")
    return SONGS


def _encode(path: Path, codec: str, audio: np.ndarray, sample_rate: int) -> Path:
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[audio.shape[0]]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=sample_rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(audio, np.float32), format="fltp", layout=layout)
        frame.sample_rate, frame.pts = sample_rate, 0
        to_codec = av.AudioResampler(format=stream.codec_context.format.name, layout=layout, rate=sample_rate)
        for converted in [*to_codec.resample(frame), *to_codec.resample(None)]:
            container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return path
