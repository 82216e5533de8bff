"""Records the datagrams that the dialects' tests compare with.

Run it as ``PYTHONPATH=.:tests python tests/protocols/record_datagrams.py``.

What is told is what we send. What is heard was sent by the simulators of REAPER and Live beside this folder, not by the
DAWs; of Ardour, which the tests run, nothing is recorded.
"""

from __future__ import annotations

import json
from pathlib import Path

from ableton_simulator import Live, SimLiveTrack, datagram, eq_eight
from reaper_simulator import Reaper, SimTrack, equaliser, packets, plugin

from assistant.params import BY_NAME
from assistant.plugins import REVERB, STRIP_STEREO
from protocols.ableton.dialect import LIVE
from protocols.ableton.native import NATIVE as LIVE_NATIVE
from protocols.ardour.dialect import ARDOUR
from protocols.ardour.native import NATIVE as ARDOUR_NATIVE
from protocols.dialect import Dialect, Message, encode
from protocols.laws import LAWS
from protocols.reaper.dialect import REAPER
from protocols.reaper.native import NATIVE as REAPER_NATIVE
from protocols.transport import datagram_of

DIALECTS = (ARDOUR, ARDOUR_NATIVE, REAPER, REAPER_NATIVE, LIVE, LIVE_NATIVE)
PLACES = {"strip": 3, "plugin": 1, "send": 2, "port": 5}
FOLDER = Path(__file__).parent / "recorded"


def sample(dialect: Dialect, param: str) -> float:
    """A value of ``param`` that is neither neutral nor at an end, and within the DAW's reach."""
    row = dialect.row(param) or dialect.row(param, "receive")
    law = LAWS[row.law]
    low = max(BY_NAME[param].low, -60.0 if law.low is None else law.low)
    high = min(BY_NAME[param].high, 1e9 if law.high is None else law.high)
    return 1.0 if BY_NAME[param].curve == "toggle" else round(low + 0.37 * (high - low), 3)


def told(dialect: Dialect) -> dict[str, dict[str, object]]:
    """What sets each parameter."""
    rows = {}
    for row in dialect.rows:
        if row.direction != "receive":
            value = sample(dialect, row.param)
            rows[row.param] = {"value": value, "hex": datagram_of(encode(dialect, row.param, value, PLACES)).hex()}
    return rows


def heard(dialect: Dialect) -> list[str]:
    """What the simulators sent, in hex; nothing of Ardour."""
    if dialect in (REAPER, REAPER_NATIVE):
        track = SimTrack(
            "Kick", -7.25, -0.3, plugins=[plugin(STRIP_STEREO), equaliser()], sends=[["Reverb Bus", -12.3]]
        )
        reaper = Reaper([track, SimTrack("Reverb Bus", plugins=[plugin(REVERB)])])
        reaper.sizes |= {"track": 2, "fx": 2, "fxparam": len(STRIP_STEREO.params), "send": 1}
        return [packet.hex() for packet in packets(reaper.receive(Message("/action", "i", (41743,))))]
    if dialect in (LIVE, LIVE_NATIVE):
        live = Live([SimLiveTrack("Kick", 0.5, -0.3, sends=[0.4], devices=[eq_eight()])])
        asked = [Message("/live/song/get/track_names"), Message("/live/track/get/send", "ii", (0, 0))]
        asked += [
            Message(f"/live/track/get/{w}", "i", (0,)) for w in ("volume", "panning", "mute", "devices/class_name")
        ]
        asked += [Message("/live/device/get/parameter/value_string", "iii", (0, 0, port)) for port in (4, 5, 9)]
        asked += [Message("/live/device/get/parameter/value", "iii", (0, 0, 2))]
        return [datagram(answer).hex() for message in asked for answer in live.receive(message)]
    return []


def main() -> None:
    """Write a file for each dialect."""
    FOLDER.mkdir(exist_ok=True)
    for dialect in DIALECTS:
        note = "heard: sent by a simulator, not by the DAW" if heard(dialect) else "told alone"
        document = {"note": note, "told": told(dialect), "heard": heard(dialect)}
        text = json.dumps(document, indent=1)
        (FOLDER / f"{dialect.name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
