"""The network's weights as a file: safetensors, with all that has to agree with the program in its metadata.

A position of a control means nothing without the table it was learnt for, nor a number without its place in the
evidence. So a file says which parameters with which ranges, which roles, which numbers and which frames it was trained
for, and is refused by a program that has others. Nothing in such a file is ever run.

Contents: :func:`save_weights`, :func:`load_weights`; ``WEIGHTS_FORMAT``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from assistant import __version__
from assistant.audio.formats import printable
from assistant.controller.errors import WeightsError
from assistant.controller.evidence import LEVEL_RANGE_DB, PASSAGE_FRAMES, PASSAGES, SCALARS
from assistant.controller.mel import BANDS, FRAME_S, HIGHEST_HZ, HOP_S, LOWEST_HZ
from assistant.controller.network import Context, ControllerNetwork, NetworkConfig, Task
from assistant.engineers.role_table import ROLES
from assistant.params import CHANNEL_PARAMS, REVERB_PARAMS

WEIGHTS_FORMAT = "mixassist-controller/1"
_KINDS = {"parameters": "console parameters", "roles": "roles", "scalars": "numbers", "frames": "mel frames"}
_PARAMETERS = (*CHANNEL_PARAMS, *REVERB_PARAMS)
_WIDEST, _DEEPEST = 1_024, 16


def default_weights() -> Path:
    """The file that is installed with the program."""
    return Path(str(files("assistant"))) / "controller" / "weights" / "dmc.safetensors"


def save_weights(path: Path, network: ControllerNetwork, metadata: Mapping[str, str]) -> None:
    """Write ``network`` to ``path``, whole or not at all.

    ``metadata`` is what is to be known of the training, such as ``{"trained_s": "3600", "sources": "band, drums"}``.
    Raises ``ValueError`` for a name in it that the format itself uses.
    """
    own = {
        "format": WEIGHTS_FORMAT,
        "program": __version__,
        "config": json.dumps(asdict(network.config)),
        **{kind: json.dumps(rows) for kind, rows in _layout().items()},
    }
    taken = sorted(own.keys() & metadata.keys())
    if taken:
        raise ValueError(f"metadata holds {', '.join(taken)}: expected names that the format does not use itself")
    tensors = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(save(tensors, {**own, **metadata}))
    unfinished.replace(path)


def load_weights(path: Path | None = None) -> tuple[ControllerNetwork, dict[str, str]]:
    """The network in ``path`` (None: the installed one), ready to propose, and the file's metadata.

    Raises :class:`WeightsError`.
    """
    file = default_weights() if path is None else path
    tensors, metadata = _read(file, is_installed=path is None)
    _check_format(file, metadata)
    config = _config(file, metadata)
    with torch.random.fork_rng(devices=[]):  # its first weights are drawn at random, but nobody else's numbers
        network = ControllerNetwork(config)
    _check_tensors(file, tensors, network.state_dict())
    network.load_state_dict(tensors)
    return network.eval().requires_grad_(False), metadata


def _layout() -> dict[str, dict[str, Any]]:
    """What the network's inputs and outputs mean to this program, by kind and name."""
    return {
        "parameters": {p.name: [place, p.low, p.high, p.curve] for place, p in enumerate(_PARAMETERS)},
        "roles": {role.name: place for place, role in enumerate(ROLES)},
        "scalars": {name: place for place, name in enumerate(SCALARS)},
        "frames": {
            "bands": BANDS,
            "lowest_hz": LOWEST_HZ,
            "highest_hz": HIGHEST_HZ,
            "frame_s": FRAME_S,
            "hop_s": HOP_S,
            "passages": PASSAGES,
            "passage_frames": PASSAGE_FRAMES,
            "level_range_db": list(LEVEL_RANGE_DB),
        },
    }


def _read(file: Path, is_installed: bool) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(file, framework="pt") as stored:
            return {name: stored.get_tensor(name) for name in stored.keys()}, dict(stored.metadata() or {})  # noqa: SIM118
    except FileNotFoundError as error:
        todo = "install the program again" if is_installed else "was it moved or renamed?"
        raise _error(file, f"no such file of weights; {todo}") from error
    except SafetensorError as error:
        text = f"not weights, or cut short ({error}); expected a whole .safetensors file: copy it again"
        raise _error(file, text) from error
    except OSError as error:
        raise _error(
            file, f"the weights cannot be read ({error.strerror or error}); name a .safetensors file"
        ) from error


def _check_format(file: Path, metadata: Mapping[str, str]) -> None:
    """Refuse what was not made for this program's parameters, roles and evidence."""
    found = metadata.get("format")
    if found is None:
        raise _error(file, "holds weights of some other program; expected a file that mixassist has trained")
    if found != WEIGHTS_FORMAT:
        raise _error(file, f"format is {found!r}; this program reads {WEIGHTS_FORMAT!r}: {_RETRAIN}")
    for kind, expected in _layout().items():
        stored = _parsed(file, metadata, kind)
        if stored != expected:
            difference = _difference(stored, expected)
            raise _error(file, f"was trained for other {_KINDS[kind]} ({difference}): {_RETRAIN}")


_RETRAIN = "train it again, or use the mixassist that made it"


def _difference(stored: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
    """In words, the first thing in which two layouts that are not equal differ."""
    name = next(n for n in (*expected, *stored) if stored.get(n) != expected.get(n))
    if name not in stored:
        return f"it knows no {name!r}"
    if name not in expected:
        return f"it knows {name!r}, which is unknown here"
    return f"{name!r} is {stored[name]} there and {expected[name]} here"


def _parsed(file: Path, metadata: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        value = json.loads(metadata[name])
    except (KeyError, ValueError, RecursionError) as error:
        raise _error(file, f"does not say its {name}, or not as JSON; was it changed by hand?") from error
    if not isinstance(value, dict):
        raise _error(file, f"{name} is {type(value).__name__}, expected an object; was it changed by hand?")
    return value


def _config(file: Path, metadata: Mapping[str, str]) -> NetworkConfig:
    given = _parsed(file, metadata, "config")
    known = {f.name for f in fields(NetworkConfig)}
    if given.keys() != known:
        names = ", ".join(sorted(given.keys() ^ known))
        raise _error(file, f"its network differs from this program's in {names}: {_RETRAIN}")
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}
    config = NetworkConfig(**values)
    if not _can_be_built(config):
        text = metadata["config"][:200]
        raise _error(file, f"describes no network that can be built: {text}; was it changed by hand?")
    return config


def _can_be_built(config: NetworkConfig) -> bool:
    """Whether every value is of a kind and size that the network takes, whatever a file may say."""
    if config.context not in get_args(Context) or config.task not in get_args(Task):
        return False
    if not isinstance(config.channels, tuple) or not isinstance(config.shares, tuple):
        return False
    sizes, counts = (*config.channels, config.width), (config.heads, config.layers, len(config.channels))
    return (
        all(type(size) is int and 8 <= size <= _WIDEST and size % 8 == 0 for size in sizes)
        and all(type(count) is int and 1 <= count <= _DEEPEST for count in counts)
        and config.width % config.heads == 0
        and len(config.shares) == 3
        and all(type(x) is float and 0.0 <= x <= 1.0 for x in (config.dropout, *config.shares))
    )


def _check_tensors(file: Path, tensors: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    damaged = "the file is damaged: copy it again"
    if tensors.keys() != expected.keys():
        name = min(tensors.keys() ^ expected.keys())
        what = "are missing" if name in expected else "have no place in the network"
        raise _error(file, f"weights {name!r} {what}; {damaged}")
    for name, value in tensors.items():
        if value.shape != expected[name].shape:
            shapes = f"{tuple(value.shape)}, expected {tuple(expected[name].shape)}"
            raise _error(file, f"weights {name!r} have the shape {shapes}; {damaged}")
        if not value.is_floating_point() or not bool(torch.isfinite(value).all()):
            raise _error(file, f"weights {name!r} hold what is no finite number; the training failed, or {damaged}")


def _error(file: Path, text: str) -> WeightsError:
    return WeightsError(f"{printable(file)}: {text}")
