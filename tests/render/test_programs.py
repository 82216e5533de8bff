"""Every Faust program: compiles for the engine and for the plug-ins to come, and fails in words where it does not."""

import re
from pathlib import Path

import numpy as np
import pytest
from dawdreamer.faust import FaustContext
from dawdreamer.faust.box import boxFromDSP, boxToSource

from render.engine import DSP_FOLDER, FaustProgram, RenderError

PROGRAMS = sorted(DSP_FOLDER.glob("*.dsp"))

# Functions of C's <cmath> that every target knows by this name; anything else is foreign to some of them.
KNOWN = {"abs", "cos", "exp", "fabs", "floor", "log", "log10", "max", "min", "pow", "sin", "sqrt", "tan"}


def source(program: Path, language: str) -> str:
    with FaustContext():
        return str(boxToSource(boxFromDSP(program.read_text(encoding="utf-8")), language, program.stem, []))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_plug_in_sources_use_known_functions_only(program: Path) -> None:
    called = {name.removesuffix("f") for name in re.findall(r"std::(\w+)\(", source(program, "cpp"))}
    assert called <= KNOWN | {"static_cast"}
    assert {"exp", "max", "min"} & called


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_a_jsfx_can_be_written(program: Path) -> None:
    text = source(program, "jsfx")
    assert "@sample" in text
    assert "slider1:" in text


def test_all_programs_are_here() -> None:
    assert {p.stem for p in PROGRAMS} == {"strip", "reverb", "master"}


def test_what_does_not_compile_is_told() -> None:
    with pytest.raises(RenderError, match=r"strip.dsp: no_such_thing does not compile: .*no_such_thing"):
        FaustProgram("strip.dsp", "no_such_thing", 2, 48_000)


def test_rates_that_faust_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="sample_rate=384000: expected at most 192000 Hz"):
        FaustProgram("master.dsp", "process", 2, 384_000)


def test_a_broken_program_leaves_others_unharmed() -> None:
    with pytest.raises(RenderError):
        FaustProgram("strip.dsp", "no_such_thing", 2, 48_000)
    audio = np.ones((2, 100), np.float32)
    np.testing.assert_array_equal(FaustProgram("strip.dsp", "strip_stereo(_)", 2, 48_000).render(audio, 100), audio)


def test_input_is_not_written_to() -> None:
    audio = np.ones((2, 5_000), np.float32)
    program = FaustProgram("strip.dsp", "strip_stereo(_)", 2, 48_000)
    program.set_controls({"fader_db": -6.0})
    assert program.render(audio, 7_000).shape == (2, 7_000)
    np.testing.assert_array_equal(audio, 1.0)
