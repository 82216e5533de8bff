"""Files of weights: what is written comes back, and whatever does not fit is refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from controller.conftest import make_network
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from assistant.controller.engineer import DmcEngineer
from assistant.controller.errors import WeightsError
from assistant.controller.evidence import TrackEvidence
from assistant.controller.hearing import to_hearing
from assistant.controller.weights import WEIGHTS_FORMAT, default_weights, load_weights, save_weights
from assistant.mix import Session

Edit = Callable[[dict[str, Tensor], dict[str, str]], object]


def parts(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    with safe_open(path, framework="pt") as stored:
        return {name: stored.get_tensor(name) for name in stored.keys()}, dict(stored.metadata())  # noqa: SIM118


def test_there_and_back(tmp_path: Path, heard_tracks: list[TrackEvidence]) -> None:
    network = make_network()
    save_weights(tmp_path / "a.safetensors", network, {"trained_s": "12", "sources": "band"})
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]
    torch.manual_seed(9)
    expected = torch.rand(3)
    torch.manual_seed(9)
    again, metadata = load_weights(tmp_path / "a.safetensors")
    assert torch.equal(torch.rand(3), expected)  # loading draws none of the caller's random numbers
    assert again.config == network.config
    assert not again.training
    assert (metadata["format"], metadata["trained_s"], metadata["sources"]) == (WEIGHTS_FORMAT, "12", "band")
    hearing = to_hearing([heard_tracks])
    for one, other in zip(network(hearing), again(hearing), strict=True):
        assert torch.equal(one, other)


def test_halves_are_read_as_floats(tmp_path: Path, own_weights: Path) -> None:
    tensors, metadata = parts(own_weights)
    save_file({name: value.half() for name, value in tensors.items()}, tmp_path / "half.safetensors", metadata)
    network, _ = load_weights(tmp_path / "half.safetensors")
    assert {p.dtype for p in network.parameters()} == {torch.float32}


def test_notes_do_not_hide_what_the_format_says(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="metadata holds config, format: expected names that"):
        save_weights(tmp_path / "a.safetensors", make_network(), {"format": "x", "config": "y"})
    assert not list(tmp_path.iterdir())


def test_the_installed_weights() -> None:
    assert default_weights().is_file(), "the trained weights are not there"
    assert default_weights().stat().st_size <= 20e6
    network, metadata = load_weights()
    assert network.config.task == "full"
    assert sum(p.numel() for p in network.parameters()) <= 5_000_000
    assert metadata["program"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"no such file of weights; was it moved or renamed\?"),
        (b"", r"not weights, or cut short .*: copy it again"),
        (b"junk" * 100, r"not weights, or cut short .*: copy it again"),
        (b"\xff" * 8, r"not weights, or cut short .*: copy it again"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", r"not weights, or cut short .*: copy it again"),
    ],
)
def test_what_is_no_file_of_weights(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "a\nb.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=message) as caught:
        load_weights(path)
    assert "a\\nb.safetensors: " in str(caught.value)


@pytest.mark.parametrize("kept", [4, 100, 3_000, -1])
def test_a_file_that_is_cut_short(tmp_path: Path, own_weights: Path, kept: int) -> None:
    (tmp_path / "cut.safetensors").write_bytes(own_weights.read_bytes()[:kept])
    with pytest.raises(WeightsError, match="cut short"):
        load_weights(tmp_path / "cut.safetensors")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"cannot be read|cut short"):
        load_weights(tmp_path)


def _change(kind: str, **values: object) -> Edit:
    """Put ``values`` into a JSON object of the metadata; None takes the name out."""

    def edit(_tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
        stored = json.loads(metadata[kind]) | values
        metadata[kind] = json.dumps({name: value for name, value in stored.items() if value is not None})

    return edit


def _first(tensors: dict[str, Tensor], value: Tensor) -> None:
    tensors["positions.bias"] = value


REFUSED: dict[str, tuple[Edit, str]] = {
    "no format": (lambda t, m: m.pop("format"), "holds weights of some other program"),
    "another version": (
        lambda t, m: m.update(format="mixassist-controller/2"),
        "format is 'mixassist-controller/2'; this program reads 'mixassist-controller/1'",
    ),
    "no parameters": (lambda t, m: m.pop("parameters"), "does not say its parameters, or not as JSON"),
    "no JSON": (lambda t, m: m.update(roles="[[["), "does not say its roles, or not as JSON"),
    "no object": (lambda t, m: m.update(config="3"), "config is int, expected an object"),
    "another range": (
        _change("parameters", pan=[29, 0.0, 1.0, "linear"]),
        r"trained for other console parameters \('pan' is \[29, 0.0, 1.0, 'linear'\] there and",
    ),
    "a role less": (_change("roles", kick=None), r"trained for other roles \(it knows no 'kick'\)"),
    "a role more": (_change("roles", banjo=33), r"other roles \(it knows 'banjo', which is unknown here\)"),
    "another number": (_change("scalars", width=99), r"other numbers \('width' is 99 there and"),
    "other frames": (_change("frames", bands=40), r"other mel frames \('bands' is 40 there and 64 here\)"),
    "an unknown option": (_change("config", depth=3), "network differs from this program's in depth"),
    "an absurd width": (_change("config", width=10**9), "describes no network that can be built"),
    "an unknown context": (_change("config", context="all"), "describes no network that can be built"),
    "heads that do not divide": (_change("config", heads=5), "describes no network that can be built"),
    "widths in words": (_change("config", channels=["a"]), "describes no network that can be built"),
    "another width": (_change("config", width=64), "have the shape"),
    "another context": (_change("config", context="none"), "have no place in the network; the file is damaged"),
    "a tensor less": (lambda t, m: t.pop("positions.bias"), "weights 'positions.bias' are missing"),
    "another shape": (lambda t, m: _first(t, torch.zeros(3)), r"'positions.bias' have the shape \(3,\), expected"),
    "not a number": (lambda t, m: t["positions.bias"].fill_(torch.nan), "hold what is no finite number"),
    "integers": (lambda t, m: _first(t, t["positions.bias"].int()), "hold what is no finite number"),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_does_not_fit_is_refused(tmp_path: Path, own_weights: Path, case: str) -> None:
    edit, message = REFUSED[case]
    tensors, metadata = parts(own_weights)
    edit(tensors, metadata)
    save_file(tensors, tmp_path / "changed.safetensors", metadata)
    with pytest.raises(WeightsError, match=message) as caught:
        load_weights(tmp_path / "changed.safetensors")
    assert "changed.safetensors: " in str(caught.value)


def test_the_engineer_looks_at_its_weights_before_it_listens(tmp_path: Path, small_session: Session) -> None:
    def load(_track: object, _rate: int) -> None:
        raise AssertionError("it listened")

    with pytest.raises(WeightsError, match="no such file"):
        DmcEngineer(load, tmp_path / "gone.safetensors").propose(small_session)
