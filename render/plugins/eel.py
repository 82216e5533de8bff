"""Faust's JSFX, taken apart: the program as statements of EEL2, REAPER's language, without what Faust puts around it.

Faust (2.7x, as DawDreamer brings it) writes for any number of voices: everything lies in memory behind ``obj``, and
whole numbers are wrapped to 32 bits by functions. One instance needs neither: here values and states become variables
(the reverb runs twice as fast), delay lines addresses (``fVec0[IOTA0 & 32767]``), and whole numbers the doubles that
they are, exact to 2^53.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from render.engine import RenderError

_FIELD = re.compile(r"^dsp\.(\w+) = (\d+);", re.MULTILINE)
_SLIDER = re.compile(r"^slider\d+:(\w+)=.*>(?:hslider|vslider|checkbox|nentry)_(\w+)1\s*$", re.MULTILINE)
_CONSTANT = re.compile(r"^\s*(obj\[dsp\.[if]Const\d+\] = .*;)$", re.MULTILINE)
_CONTROL = re.compile(r"^function control\(\) \($(.*?)^\s*voice_idx \+= 1;", re.MULTILINE | re.DOTALL)
_SAMPLE = re.compile(r"^@sample$(.*?)^\s*voice_idx \+= 1;", re.MULTILINE | re.DOTALL)
_STATEMENT = re.compile(r"^\s*((?!obj = |voice_idx)[\w\[].* = .*;)$", re.MULTILINE)
_INTEGERS = {"add32": "+", "sub32": "-", "mul32": "*"}
#: What Faust calls a value that wraps, and the same for one that does not: nothing, or its whole part (never negative).
_WRAPS = {"int32": "", "ftoi32": "floor"}


@dataclass(frozen=True)
class EelProgram:
    """``memory``: the sizes of the delay lines by name; ``states``: variables that last from sample to sample;
    ``controls``: Faust's variables by the labels of the controls.

    ``constants`` are the statements to run once, with ``fSampleRate`` set; ``control`` those after a control has moved;
    ``sample`` those for each sample of ``spl0`` and ``spl1``, which end with ``output0`` and so on set.
    """

    memory: dict[str, int]
    states: tuple[str, ...]
    controls: dict[str, str]
    constants: tuple[str, ...]
    control: tuple[str, ...]
    sample: tuple[str, ...]


def read_jsfx(text: str) -> EelProgram:
    """The program in ``text``, which Faust wrote; raises :class:`RenderError` where it is not as expected."""
    control, sample = _CONTROL.search(text), _SAMPLE.search(text)
    fields = [(name, int(at)) for name, at in _FIELD.findall(text) if name not in ("memory", "size")]
    size = re.search(r"^dsp\.size = (\d+);", text, re.MULTILINE)
    if not control or not sample or not fields or not size:
        raise RenderError("Faust writes JSFX otherwise than expected")
    ends = [at for _, at in fields[1:]] + [int(size[1])]
    sizes = {name: end - at for (name, at), end in zip(fields, ends, strict=True)}
    lasting = {name for name in sizes if f"[dsp.{name} + " in text}
    memory = {name: sizes[name] for name in sizes if re.search(rf"\[dsp\.{name} \+ \(", text)}
    states = tuple(f"{name}_{i}" for name in sizes if name in lasting - memory.keys() for i in range(sizes[name]))
    parts = (_CONSTANT.findall(text), _STATEMENT.findall(control[1]), _STATEMENT.findall(sample[1]))
    constants, controlling, sampling = (tuple(_plain(s) for s in part) for part in parts)
    labels = {label: name for name, label in _SLIDER.findall(text)}
    return EelProgram(memory, states, labels, constants, controlling, sampling)


def _plain(statement: str) -> str:
    """The statement with variables for fields and operators for the functions of whole numbers."""
    text = re.sub(r"obj\[dsp\.(\w+)\]", r"\1", statement.strip())
    text = re.sub(r"obj\[dsp\.(\w+) \+ (\d+)\]", r"\1_\2", text)
    text = re.sub(r"obj\[dsp\.(\w+) \+ ", r"\1[", text)
    text = re.sub(r"(\.\d*?[1-9]|\.0)0+\b", r"\1", text)
    while found := re.search(r"\b(" + "|".join((*_INTEGERS, *_WRAPS)) + r")\(", text):
        end = _closing(text, found.end())
        inside = text[found.end() : end]
        text = text[: found.start()] + _operation(found[1], inside) + text[end + 1 :]
    return text


def _operation(name: str, inside: str) -> str:
    if name in _WRAPS:
        return f"{_WRAPS[name]}({inside})"
    depths = itertools.accumulate((character in "([") - (character in ")]") for character in inside)
    cut = next(at for at, depth in enumerate(depths) if depth == 0 and inside[at] == ",")
    return f"({inside[:cut]} {_INTEGERS[name]} {inside[cut + 1 :].strip()})"


def _closing(text: str, start: int) -> int:
    """Where the parenthesis that was opened before ``start`` closes."""
    depths = itertools.accumulate((c == "(") - (c == ")") for c in text[start:])
    return start + next(at for at, depth in enumerate(depths) if depth < 0)
