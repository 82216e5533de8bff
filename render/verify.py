"""Verification: a mix before and after its changes, and each change alone, rendered and measured."""

from __future__ import annotations

from dataclasses import replace

from assistant.analysis.facts import Alone, MixFacts, SectionFacts, Verification
from assistant.analysis.measure import Measurement, measure
from assistant.analysis.sections import changed_sections, with_section
from assistant.arrays import FloatArray
from assistant.mix import ChannelMix, Mix
from assistant.params import BY_NAME
from assistant.tasks import Cancelled, IsCancelled, Progress
from render.bench import Bench

#: A section that the facts before and after tell all about.
_TOLD = "send"
#: The share of the work that the two mixes are, and that the changes alone are.
_BOTH, _ALONE = 0.4, 0.4


def verify(
    bench: Bench,
    before: Mix,
    after: Mix,
    progress: Progress = lambda share, what: None,
    is_cancelled: IsCancelled = lambda: False,
    *,
    in_depth: bool = True,
) -> Verification:
    """Both mixes on the bench's passages, every changed section with and without, and each track's change alone.

    The last is left out where it is not to be ``in_depth``. ``before`` and ``after`` have the bench's tracks as
    channels, in any order; the facts are in that of ``after``.
    Raises ``ValueError`` for other tracks, :class:`render.engine.RenderError`, :class:`Cancelled`.
    """
    before = replace(before, channels=tuple(before.channel(c.name) for c in after.channels))
    old = bench.measure(before)
    progress(_BOTH / 2.0, "rendered the mix as it was")
    new = bench.measure(after)
    pairs = [(a, b) for a, b in zip(before.channels, after.channels, strict=True) if a.settings != b.settings]
    alone: dict[str, Alone] = {}
    sections: dict[tuple[str, str], SectionFacts] = {}
    for count, (_, channel) in enumerate(pairs if in_depth else ()):
        _check(is_cancelled)
        progress(_BOTH + _ALONE * count / len(pairs), f"{channel.name}, its change alone")
        alone[channel.name] = _alone(bench, before, after, channel)
    for count, (was, channel) in enumerate(pairs):
        _check(is_cancelled)
        progress(_BOTH + _ALONE + (1.0 - _BOTH - _ALONE) * count / len(pairs), f"{channel.name}, section by section")
        sections |= _sections(bench, new, was, channel)
    progress(1.0, "verified")
    return Verification(bench.spans, old, new, alone, sections)


def _check(is_cancelled: IsCancelled) -> None:
    if is_cancelled():
        raise Cancelled("cancelled while verifying")


def _alone(bench: Bench, before: Mix, after: Mix, channel: ChannelMix) -> Alone:
    """The mix before with this channel as it is after. Where nobody fed the bus, it is already set as it is after."""
    is_fed = any(c.settings["send_db"] > BY_NAME["send_db"].low for c in before.channels)
    channels = tuple(channel if c.name == channel.name else c for c in before.channels)
    facts = bench.measure(replace(before, channels=channels, reverb=before.reverb if is_fed else after.reverb))
    return Alone(facts.track(channel.name), facts.measurement, tuple(facts.masking.by_all_db.tolist()))


def _sections(
    bench: Bench, after: MixFacts, was: ChannelMix, channel: ChannelMix
) -> dict[tuple[str, str], SectionFacts]:
    """What each changed section does to the track where it is loudest."""
    passage = bench.loudest(channel)
    changed = [s for s in changed_sections(was.settings, channel.settings) if s.name != _TOLD]
    if passage is None or not changed:
        return {}
    rate, span = bench.material.sample_rate, bench.spans[passage]
    done = bench.piece(channel.name, channel.settings, passage)
    measured = measure(done, rate, is_excerpt=True)
    found = {}
    for section in changed:
        settings = with_section(channel.settings, section, was.settings)
        without = bench.piece(channel.name, settings, passage)
        if section.name == "polarity":
            found[channel.name, section.name] = SectionFacts(span, *_of_mix(bench, after.mix, passage, done, without))
        else:
            found[channel.name, section.name] = SectionFacts(span, measure(without, rate, is_excerpt=True), measured)
    return found


def _of_mix(
    bench: Bench, mix: Mix, passage: int, done: FloatArray, without: FloatArray
) -> tuple[Measurement, Measurement]:
    """The mix without and with one track's polarity, by way of its output."""
    (audio,), rate = bench.sums(mix, [passage]), bench.material.sample_rate
    turned = audio + (without - done)
    return measure(turned, rate, is_excerpt=True), measure(audio, rate, is_excerpt=True)
