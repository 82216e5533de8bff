"""What is usually wrong with REAPER's set-up. Written from REAPER's documentation and published sources; not tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.audio.formats import printable
from assistant.plugins import REVERB_BUS_NAME
from protocols.daw import DawTrack
from protocols.doctor import Finding, connection_findings
from protocols.fitting import shortened
from protocols.link import Daw
from protocols.reaper.native import OUR_EQ_NAME

_UNCHANGED_BANK = 8
_SET_UP = (
    "in REAPER: Preferences > Control/OSC/web > Add, mode OSC, 'Configure device IP+local port', device IP 127.0.0.1, "
    "device port {reply_port}, local listen port {port}, pattern config Default.ReaperOSC"
)


def examine(daw: Daw, timeout_s: float) -> Sequence[Finding]:
    """What is wrong with the set-up of ``daw``, after at most about ``timeout_s``; it is connected to for that."""
    set_up = _SET_UP.format(port=daw.dialect.port, reply_port=daw.dialect.reply_port)
    if_taken = f"close what uses the port, or name another with --reply-port; {set_up}"
    if_silent = f"{set_up}; other ports are named with --port and --reply-port"
    return connection_findings(daw, timeout_s, if_taken, if_silent) or tuple(_findings(daw.tracks()))


def _findings(tracks: Sequence[DawTrack]) -> Iterator[Finding]:
    audio = [track for track in tracks if track.kind == "audio"]
    if not audio:
        yield Finding(
            "no track is told", "open a project with tracks, and use the pattern config Default.ReaperOSC", True
        )
        return
    if len(audio) + sum(track.kind == "bus" for track in tracks) == _UNCHANGED_BANK:
        yield Finding(
            "exactly eight tracks are told, the bank that REAPER begins with",
            "if there are more, the pattern config lacks DEVICE_TRACK_COUNT i/device/track/count: use "
            "Default.ReaperOSC, or set DEVICE_TRACK_COUNT in yours",
        )
    yield from _missing(
        [track.name for track in audio if not track.has_strip],
        "our strip is not on {}",
        "mixassist plugins install; then insert the JSFX 'mixassist strip' as one of the first eight plug-ins (for an "
        f"equaliser alone, put in a ReaEQ and rename it {OUR_EQ_NAME!r})",
    )
    yield from _missing(
        [track.name for track in audio if "pan" not in track.params],
        "left and right are placed separately on {}",
        "right-click the pan control: Stereo balance / mono pan",
    )
    yield from _reverb_findings(tracks, audio)


def _reverb_findings(tracks: Sequence[DawTrack], audio: Sequence[DawTrack]) -> Iterator[Finding]:
    if not any(track.kind == "bus" for track in tracks):
        yield Finding(
            "no track has our reverb",
            f"put the JSFX 'mixassist reverb' on a track such as {REVERB_BUS_NAME!r}, and add sends to it",
        )
        return
    yield from _missing(
        [track.name for track in audio if "send_db" not in track.params],
        "no send to the reverb's track from {}",
        "add it, among the track's first four sends",
    )


def _missing(names: Sequence[str], problem: str, remedy: str) -> Iterator[Finding]:
    if names:
        yield Finding(problem.format(shortened(map(printable, names))), remedy)
