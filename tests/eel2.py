"""EEL2, the language of REAPER's JSFX, as far as our effects use it: a strict reader that makes Python of it.

What an effect may not do here raises :class:`Eel2Error`: lines and sections that JSFX does not know, unknown functions
or numbers of arguments, variables that nothing sets, parentheses that do not match. Names are not case sensitive,
numbers are doubles, ``==`` and ``!=`` allow 0.00001, and an index is the whole part of the sum (REAPER's reference).

Contents: :class:`Effect`, which runs; :class:`Slider`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

SECTIONS = ("init", "slider", "block", "sample")
FUNCTIONS: dict[str, tuple[int, str]] = {
    **{name: (1, f"math.{name}") for name in ("exp", "sqrt", "tan", "sin", "cos", "log", "log10", "floor")},
    "abs": (1, "abs"),
    "min": (2, "min"),
    "max": (2, "max"),
    "pow": (2, "math.pow"),
    "memset": (3, "_memset"),
}
#: Variables that the host sets, and those that it reads.
GIVEN = ("srate", "spl0", "spl1", "samplesblock")
READ = ("ext_tail_size", "ext_gr_meter", "spl0", "spl1")
_HEADER = re.compile(r"(desc|tags|slider[0-9]+|in_pin|out_pin|options):.*|//.*|")
_SLIDER = re.compile(r"slider(\d+):(\w+)=([-.\d]+)<([-.\d]+),([-.\d]+),([-.\d]+)(:log!)?(\{.*\})?>(.+)")
_TOKEN = re.compile(
    r"\s+|//[^\n]*|(?P<token>\d+\.?\d*(?:e[-+]?\d+)?|[a-z_][\w.]*|[!=]==|[<>=!]=|[-+*/]=|[-+*/<>=?:;,()\[\]&|!])"
)
_LEVELS = (("||",), ("&&",), ("==", "!=", "===", "!==", "<", ">", "<=", ">="), ("|",), ("&",), ("+", "-"), ("*", "/"))
_ASSIGNMENTS = ("=", "+=", "-=", "*=", "/=")


class Eel2Error(Exception):
    """What REAPER would refuse, or what our effects have no reason to do."""


@dataclass(frozen=True)
class Slider:
    number: int
    variable: str
    default: float
    low: float
    high: float
    step: float
    is_logarithmic: bool
    choices: str
    label: str


class Effect:
    """A JSFX that runs: set ``sliders`` values by :meth:`set`, then :meth:`process`; variables are in ``values``."""

    def __init__(self, text: str, sample_rate: int) -> None:
        header, sections = _divided(text)
        self.description = header[0].removeprefix("desc:")
        self.sliders = {s.variable: s for s in (_slider(line) for line in header if line.startswith("slider"))}
        if [s.number for s in self.sliders.values()] != list(range(1, len(self.sliders) + 1)):
            raise Eel2Error("sliders are not numbered in order")
        self.values: dict[str, Any] = {"srate": float(sample_rate), "samplesblock": 64.0, "spl0": 0.0, "spl1": 0.0}
        self.values |= {s.variable: s.default for s in self.sliders.values()}
        self._sections = _compiled(sections, self.values)
        self._is_ready = False

    def set(self, variable: str, value: float) -> None:
        self.values[self.sliders[variable].variable] = value
        if self._is_ready:
            self._sections["slider"]()

    def process(self, audio: np.ndarray) -> np.ndarray:
        """Audio ``(2, T)`` through the effect, in blocks of 64 samples."""
        if not self._is_ready:
            self._sections["init"]()
            self._sections["slider"]()
            self._is_ready = True
        output = np.empty_like(audio, dtype=np.float64)
        sample, values = self._sections["sample"], self.values
        for t in range(audio.shape[1]):
            if t % 64 == 0:
                self._sections["block"]()
            values["spl0"], values["spl1"] = float(audio[0, t]), float(audio[1, t])
            sample()
            output[:, t] = values["spl0"], values["spl1"]
        self._sections["block"]()
        return output


def _divided(text: str) -> tuple[list[str], dict[str, str]]:
    if not text.startswith("desc:") or text.count("\ndesc:"):
        raise Eel2Error("one description, on the first line")
    parts = re.split(r"^@(\w+).*$", text, flags=re.MULTILINE)
    header, names = parts[0].splitlines(), parts[1::2]
    unknown = [line for line in header if not _HEADER.fullmatch(line)] + [n for n in names if n not in SECTIONS]
    if unknown or len(set(names)) != len(names):
        raise Eel2Error(f"unknown lines, or sections more than once: {unknown}")
    return header, dict(zip(names, parts[2::2], strict=True))


def _slider(line: str) -> Slider:
    found = _SLIDER.fullmatch(line)
    if not found:
        raise Eel2Error(f"not a slider: {line}")
    number, variable, *bounds = found.groups()[:6]
    default, low, high, step = map(float, bounds)
    if not low <= default <= high or step <= 0 or (found[7] and low <= 0):
        raise Eel2Error(f"a slider with no such range: {line}")
    return Slider(int(number), variable, default, low, high, step, bool(found[7]), found[8] or "", found[9])


def _compiled(sections: dict[str, str], values: dict[str, Any]) -> dict[str, Callable[[], None]]:
    reader = _Reader()
    source = [f"def _{name}():\n{reader.block(text)}" for name, text in sections.items()]
    unset = reader.read - reader.assigned - set(values) - set(READ)
    if unset:
        raise Eel2Error(f"nothing sets {sorted(unset)}")
    names = ", ".join(sorted(reader.assigned))
    declared = [text.replace("\n", f"\n  global {names}\n", 1) for text in (*reader.functions, *source)]
    values |= {"math": math, "_m": [0.0] * 700_000, "_equal": lambda a, b: abs(a - b) < 1e-5}
    values["_memset"] = lambda at, value, size: values["_m"].__setitem__(slice(at, at + size), [value] * size)
    values |= {name: 0.0 for name in reader.assigned if name not in values}
    exec("\n".join(declared), values)
    return {name: values[f"_{name}"] for name in sections}


class _Reader:
    """Makes Python of code; keeps which variables were set and read, and the functions, ``_f_NAME``, on the way."""

    def __init__(self) -> None:
        self.assigned: set[str] = set()
        self.read: set[str] = set()
        self.functions: list[str] = []
        self._known: set[str] = set()
        self._tokens: list[str] = []

    def block(self, text: str) -> str:
        self._tokens = [*_tokens(text.lower()), ""]
        lines = list(self._statements("", 1))
        return "\n".join(lines or ["  pass"])

    def _statements(self, end: str, depth: int) -> Iterator[str]:
        while self._tokens[0] != end:
            if self._tokens[0] == "function":
                self._function()
            else:
                yield from self._statement(depth)
            if self._tokens[0] == ";":
                self._tokens.pop(0)
            elif self._tokens[0] != end:
                raise Eel2Error(f"expected ; before {' '.join(self._tokens[:8])}")
        self._tokens.pop(0)

    def _function(self) -> None:
        _, name, *_ = (
            self._tokens.pop(0),
            self._tokens.pop(0),
            self._expect("("),
            self._expect(")"),
            self._expect("("),
        )
        if name in FUNCTIONS or name in self._known:
            raise Eel2Error(f"{name} is there already")
        lines = list(self._statements(")", 1))
        self._known.add(name)
        self.functions.append(f"def _f_{name}():\n" + "\n".join(lines or ["  pass"]))

    def _statement(self, depth: int) -> Iterator[str]:
        space = "  " * depth
        target = self._expression()
        if self._tokens[0] in _ASSIGNMENTS:
            targets, operator = [target], self._tokens.pop(0)
            value = self._expression()
            while self._tokens[0] == "=" and operator == "=":
                self._tokens.pop(0)
                targets.append(value)
                value = self._expression()
            for each in targets:
                self._assign(each)
            yield f"{space}{' = '.join(targets)} {operator} {value}"
        elif self._tokens[0] == "?":
            self._tokens.pop(0)
            yield f"{space}if {target}:"
            yield from self._branch(depth + 1)
            if self._tokens[0] == ":":
                self._tokens.pop(0)
                yield f"{space}else:"
                yield from self._branch(depth + 1)
        else:
            yield f"{space}{target}"

    def _branch(self, depth: int) -> Iterator[str]:
        if self._tokens[0] == "(":
            self._tokens.pop(0)
            yield from self._statements(")", depth)
        else:
            yield from self._statement(depth)

    def _assign(self, target: str) -> None:
        if re.fullmatch(r"[a-z_]\w*", target):
            self.assigned.add(target)
        elif not target.startswith("_m["):
            raise Eel2Error(f"cannot be set: {target}")

    def _expression(self, level: int = 0) -> str:
        if level == len(_LEVELS):
            return self._unary()
        left = self._expression(level + 1)
        while self._tokens[0] in _LEVELS[level]:
            operator = self._tokens.pop(0)
            left = _binary(operator, left, self._expression(level + 1))
        return left

    def _unary(self) -> str:
        if self._tokens[0] in "-!+" and self._tokens[0]:
            sign = self._tokens.pop(0)
            return f"({'not ' if sign == '!' else sign}{self._unary()})"
        value = self._primary()
        while self._tokens[0] == "[":
            self._tokens.pop(0)
            value = f"_m[int({value} + {self._expression()} + 1e-5)]"
            self._expect("]")
        return value

    def _primary(self) -> str:
        token = self._tokens.pop(0)
        if token == "(":
            inside = self._conditional()
            self._expect(")")
            return f"({inside})"
        if re.fullmatch(r"[\d.]+(e[-+]?\d+)?", token):
            return repr(float(token)) if "." in token else token
        if not re.fullmatch(r"[a-z_]\w*", token):
            raise Eel2Error(f"not expected: {token} {' '.join(self._tokens[:8])}")
        if self._tokens[0] == "(":
            return self._call(token)
        self.read.add(token)
        return token

    def _conditional(self) -> str:
        condition = self._expression()
        if self._tokens[0] != "?":
            return condition
        self._tokens.pop(0)
        first = self._expression()
        self._expect(":")
        return f"{first} if {condition} else {self._conditional()}"

    def _call(self, name: str) -> str:
        self._expect("(")
        arguments = []
        while self._tokens[0] != ")":
            arguments.append(self._conditional())
            if self._tokens[0] == ",":
                self._tokens.pop(0)
        self._expect(")")
        if name in self._known and not arguments:
            return f"_f_{name}()"
        if name not in FUNCTIONS or FUNCTIONS[name][0] != len(arguments):
            raise Eel2Error(f"no function {name} of {len(arguments)} arguments")
        return f"{FUNCTIONS[name][1]}({', '.join(arguments)})"

    def _expect(self, token: str) -> str:
        if self._tokens[0] != token:
            raise Eel2Error(f"expected {token} before {' '.join(self._tokens[:8])}")
        return self._tokens.pop(0)


def _binary(operator: str, left: str, right: str) -> str:
    if operator in ("&", "|"):
        return f"(int({left}) {operator} int({right}))"
    if operator in ("==", "!="):
        return f"({'' if operator == '==' else 'not '}_equal({left}, {right}))"
    word = {"&&": "and", "||": "or", "===": "==", "!==": "!="}.get(operator, operator)
    return f"({left} {word} {right})"


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise Eel2Error(f"not EEL2: {text[at : at + 40]}")
        at = found.end()
        if found["token"]:
            yield found["token"]
