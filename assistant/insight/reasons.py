"""Reasons: what was heard, done and measured of every change, what drove it, how sure it is, and what else there was.

A change whose measured effect contradicts it is withheld; one that can hardly be heard is marked as weak.

Contents: :class:`Background`, :func:`find_reasons`, :func:`hold_back`, :func:`with_measurements`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.analysis.facts import Verification
from assistant.analysis.sections import SECTION_BY_NAME, Section, changed_sections, with_section
from assistant.insight.confidence import confidence_of
from assistant.insight.effects import Finding, find_effect
from assistant.insight.influence import driver_sentence
from assistant.insight.values import Alternative, Confidence, Driver, Influence, Reason, Standing
from assistant.mix import Change, ChannelMix, Mix

_NOBODY = "no other track alone moves it by what can be heard"
_ORDER: tuple[Standing, ...] = ("shown", "weak", "withheld")
#: Says what a small move of a section of a track does: (track, section) to a sentence, empty where nothing is heard.
SensitivityText = Callable[[str, str], str]


@dataclass(frozen=True)
class Background:
    """What is known beside the measurements: who drove what, what else would be set, what small moves do.

    ``mended`` says what fault a section mends, by (track, section).
    """

    influence: Influence | None = None
    alternatives: Mapping[str, Alternative] = field(default_factory=dict)
    sensitivity: SensitivityText = lambda track, section: ""
    mended: Mapping[tuple[str, str], str] = field(default_factory=dict)


def find_reasons(verification: Verification, track: str, background: Background) -> tuple[Reason, ...]:
    """The reasons of every changed section of ``track``, those shown first, each kind strongest effect first.

    Empty for a track that was not changed, or has no sound in the passages.
    """
    old, new = verification.before.mix.channel(track), verification.after.mix.channel(track)
    engineer, found = verification.after.mix.engineer, []
    for section in changed_sections(old.settings, new.settings):
        finding = find_effect(verification, track, section.name)
        if finding is not None:
            confidence = confidence_of(section.name, old, new, engineer, verification.after.track(track).is_stereo)
            reason = _reason(section, old, new, finding, confidence, background)
            found.append((_ORDER.index(reason.standing), -finding.size, reason))
    found.sort(key=lambda item: item[:2])
    return tuple(reason for _, _, reason in found)


def hold_back(before: Mix, after: Mix, reasons: Sequence[Reason]) -> Mix:
    """``after`` with every section whose reason is withheld as it was ``before``."""
    held: dict[str, list[Section]] = {}
    for reason in reasons:
        if reason.standing == "withheld":
            held.setdefault(reason.track, []).append(SECTION_BY_NAME[reason.section])

    def restored(channel: ChannelMix) -> ChannelMix:
        settings = channel.settings
        for section in held[channel.name]:
            settings = with_section(settings, section, before.channel(channel.name).settings)
        return replace(channel, settings=settings)

    return replace(after, channels=tuple(restored(c) if c.name in held else c for c in after.channels))


def with_measurements(mix: Mix, reasons: Mapping[str, Sequence[Reason]]) -> Mix:
    """``mix`` with what was measured of every change among its channels' reasons, and what was held back."""

    def said(reason: Reason) -> str:
        label = SECTION_BY_NAME[reason.section].label.lower()
        if reason.standing == "withheld":
            return f"held back: {label}: {reason.why} ({reason.effect.sentence})"
        return f"measured: {label}: {reason.effect.sentence}"

    def proven(channel: ChannelMix) -> ChannelMix:
        told = (said(reason) for reason in reasons.get(channel.name, ()) if reason.standing != "weak")
        return replace(channel, reasons=(*channel.reasons, *told))

    return replace(mix, channels=tuple(proven(channel) for channel in mix.channels))


def _reason(
    section: Section,
    old: ChannelMix,
    new: ChannelMix,
    finding: Finding,
    confidence: Confidence | None,
    background: Background,
) -> Reason:
    drivers = _drivers(new.name, section, background.influence)
    alternative = background.alternatives.get(new.name)
    is_other = alternative is not None and any(change.param in section.params for change in alternative.changes)
    return Reason(
        track=new.name,
        section=section.name,
        changes=tuple(
            Change(new.name, name, old.settings[name], new.settings[name])
            for name in section.params
            if old.settings[name] != new.settings[name]
        ),
        heard=" ".join(filter(None, (background.mended.get((new.name, section.name)), finding.heard))),
        did=finding.did,
        effect=finding.effect,
        because=drivers,
        because_text=driver_sentence(drivers) or ("" if background.influence is None else _NOBODY),
        confidence=confidence,
        alternatives=(alternative.sentence,) if alternative is not None and is_other else (),
        sensitivity=background.sensitivity(new.name, section.name),
        standing="withheld" if finding.is_opposite else "weak" if finding.is_faint else "shown",
        why=finding.why,
    )


def _drivers(track: str, section: Section, influence: Influence | None) -> tuple[Driver, ...]:
    if influence is None:
        return ()
    return tuple(driver for name in section.params for driver in influence.drivers.get((track, name), ()))
