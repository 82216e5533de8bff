"""What each DAW can be told over OSC, as Markdown, made from the dialects' rows.

``python -m protocols.dialect_table docs/daws.md`` writes it into a document, between two marks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from assistant.params import BY_NAME, CHANNEL_PARAMS, MASTER_PARAMS, REVERB_PARAMS, Param
from assistant.plugins import PLUGINS
from protocols.ableton.dialect import LIVE
from protocols.ableton.native import NATIVE as LIVE_NATIVE
from protocols.ardour.dialect import ARDOUR
from protocols.ardour.native import NATIVE as ARDOUR_NATIVE
from protocols.dialect import Dialect, Row
from protocols.laws import LAWS
from protocols.reaper.dialect import REAPER
from protocols.reaper.native import NATIVE as REAPER_NATIVE

BEGIN, END = "<!-- made by protocols.dialect_table: begin -->", "<!-- end -->"
#: Each DAW's dialect, and what its own plug-ins can be told where ours are not.
DIALECTS: tuple[tuple[Dialect, Dialect], ...] = (
    (ARDOUR, ARDOUR_NATIVE),
    (REAPER, REAPER_NATIVE),
    (LIVE, LIVE_NATIVE),
)

_OURS = frozenset(param.name for plugin in PLUGINS for param in plugin.params)
_DAW_S_OWN, _PLUGIN, _NATIVE, _NO = "yes", "our plug-in", "its own plug-in", "no"


def tables() -> str:
    """All tables."""
    parts = (_parameter_table(), _way_table(), _law_table())
    return "\n\n".join("\n".join(part) for part in parts)


def update(document: Path) -> None:
    """Put the tables into ``document``. Raises ``ValueError`` where it has no marks for them."""
    text = document.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text[text.index(BEGIN) :]:
        raise ValueError(f"{document}: expected the marks {BEGIN} and {END}")
    head, rest = text.split(BEGIN, 1)
    document.write_text(f"{head}{BEGIN}\n{tables()}\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")


def _parameter_table() -> Iterator[str]:
    yield from _table(("Parameter", *(dialect.label for dialect, _ in DIALECTS)), ())
    params = (*CHANNEL_PARAMS, *REVERB_PARAMS, *MASTER_PARAMS)
    for (section, *cells), group in groupby(params, _line):
        labels = ", ".join(param.label.lower() for param in group)
        yield f"| {section}: {labels} | {' | '.join(cells)} |"


def _line(param: Param) -> tuple[str, ...]:
    return (param.section, *_cells(param))


def _cells(param: Param) -> Iterator[str]:
    for dialect, native in DIALECTS:
        ways = []
        if dialect.row(param.name) is not None:
            ways.append(_PLUGIN if param.name in _OURS else _DAW_S_OWN)
        if native.row(param.name) is not None:
            ways.append(_NATIVE)
        yield ", or ".join(ways) or _NO


def _way_table() -> Iterator[str]:
    yield from _table(("", *(dialect.label for dialect, _ in DIALECTS)), ())
    dialects = [dialect for dialect, _ in DIALECTS]
    ways: dict[str, Callable[[Dialect], str]] = {
        "Port": lambda d: str(d.port),
        "Answers to port": lambda d: "where questions come from" if d.reply_port is None else str(d.reply_port),
        "Mono tracks' pan law": lambda d: d.pan_law.replace("_", " "),
        "Fader": lambda d: _range(d.row("fader_db")),
        "Send": lambda d: _range(d.row("send_db")),
    }
    for name, way in ways.items():
        yield f"| {name} | {' | '.join(way(dialect) for dialect in dialects)} |"


def _range(row: Row | None) -> str:
    if row is None:
        return _NO
    law, param = LAWS[row.law], BY_NAME[row.param]
    high = param.high if law.high is None else min(param.high, law.high)
    said = "" if row.precision == 0.0 else f", read back to {row.precision:g} dB"
    return f"{param.low:g} to {high:.4g} dB{said}"


def _law_table() -> Iterator[str]:
    used = {row.law for pair in DIALECTS for dialect in pair for row in dialect.rows}
    yield from _table(("Scale", "Source"), ())
    for name, law in LAWS.items():
        if name in used and not name.startswith("slider "):
            yield f"| {name} | {law.source} |"


def _table(heads: Sequence[str], rows: Sequence[str]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    yield from rows


if __name__ == "__main__":
    update(Path(sys.argv[1]))
