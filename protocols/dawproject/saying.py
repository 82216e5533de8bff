"""What of a mix a ``.dawproject`` cannot say, as sentences to its user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.audio.formats import printable
from assistant.mix import ChannelMix, Mix
from assistant.params import CHANNEL_PARAMS, REVERB_PARAMS
from assistant.wording import count_text, frequency_text
from protocols.stems import NAMES_SHOWN

#: Where the faders of Bitwig Studio end.
_FADER_END_DB = 6.02
_EQ_PARAMS = tuple(p.name for p in CHANNEL_PARAMS if p.section == "eq" and p.name.endswith("_gain_db"))


def unsaid(mix: Mix, pan_law: str, reverb_name: str, mono: Sequence[str] = ()) -> tuple[str, ...]:
    """Sentences on what the project of ``mix`` leaves to its user's hands.

    ``reverb_name`` is the effect track that takes the sends, "" where there is none; ``mono`` are the mono tracks.
    """
    return (*_on_channels(mix), *_on_reverb(mix, reverb_name), *_on_the_rest(mix, pan_law, mono))


def _on_channels(mix: Mix) -> Iterator[str]:
    inverted = [c for c in mix.channels if c.settings["polarity_inverted"]]
    if inverted:
        tool = "Bitwig: a Tool device; Studio One and Cubase: the channel's phase switch"
        yield f"invert the polarity by hand ({tool}): {_names(inverted)}"
    widened = [c for c in mix.channels if c.settings["width"] != 1.0]
    if widened:
        each = [f"{printable(c.name)} {c.settings['width']:.2f}" for c in widened]
        yield f"stereo width is not in the file, set it by hand: {_listing(each)}"
    pressed = [c for c in mix.channels if c.settings["comp_ratio"] > 1.0]
    if pressed:
        knees = sorted({f"{c.settings['comp_knee_db']:g} dB" for c in pressed})
        yield f"the compressors' knees ({_listing(knees)}) are not in the file; each DAW uses its own"
    if pressed or any(c.settings[name] for c in mix.channels for name in _EQ_PARAMS):
        yield "EQ and compressor are the DAW's own: what Q, shelves and times mean there differs a little"
    loud = [c for c in mix.channels if c.settings["fader_db"] > _FADER_END_DB]
    if loud:
        yield f"Bitwig's faders end at +6 dB: {_names(loud)}"


def _on_reverb(mix: Mix, reverb_name: str) -> Iterator[str]:
    lowest = next(p for p in CHANNEL_PARAMS if p.name == "send_db").low
    senders = [c for c in mix.channels if c.settings["send_db"] > lowest]
    if senders and reverb_name:
        tracks = count_text(len(senders), "track")
        yield f"{tracks} send to {printable(reverb_name)}: put a reverb there, all wet; {reverb_text(mix)}"


def reverb_text(mix: Mix) -> str:
    """The reverb of ``mix`` in words."""
    values = {p.name: mix.reverb[p.name] for p in REVERB_PARAMS}
    return (
        f"decay {values['reverb_decay_s']:.2g} s, pre-delay {values['reverb_predelay_ms']:.0f} ms, damping from "
        f"{frequency_text(values['reverb_damping_hz'])}, low cut {frequency_text(values['reverb_low_cut_hz'])}"
    )


def _on_the_rest(mix: Mix, pan_law: str, mono: Sequence[str]) -> Iterator[str]:
    panned = [c for c in mix.channels if c.name in mono]
    if panned:
        yield (
            f"the mix pans mono tracks by the law {pan_law.replace('_', ' ')!r}; in a DAW of another law they are "
            f"up to 3 dB off: {_names(panned)}"
        )
    if mix.target_lufs is not None:
        yield f"the target of {mix.target_lufs:g} LUFS is not in the file; the limiter's input gain stands as it is"


def _names(channels: Sequence[ChannelMix]) -> str:
    return _listing([printable(c.name) for c in channels])


def _listing(items: Sequence[str]) -> str:
    more = len(items) - NAMES_SHOWN
    return ", ".join(items[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
