"""The sections of a channel strip: the parameters that one decision sets together, and are judged together.

Contents: :class:`Section`, ``SECTIONS``, :func:`changed_sections`, :func:`with_section`.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.mix import ChannelSettings
from assistant.params import BY_NAME, CHANNEL_PARAMS, EQ_BANDS


@dataclass(frozen=True)
class Section:
    """One section: its name, its label, and its parameters."""

    name: str
    label: str
    params: tuple[str, ...]


def _band(prefix: str) -> Section:
    label = BY_NAME[f"{prefix}_gain_db"].label.removesuffix(" gain")
    return Section(prefix, label, tuple(f"{prefix}_{part}" for part in ("hz", "gain_db", "q")))


SECTIONS: tuple[Section, ...] = (
    Section("level", "Level", ("trim_db", "fader_db")),
    Section("polarity", "Polarity", ("polarity_inverted",)),
    Section("highpass", "High-pass", ("highpass_on", "highpass_hz")),
    *(_band(prefix) for prefix, _ in EQ_BANDS),
    Section("compressor", "Compressor", tuple(p.name for p in CHANNEL_PARAMS if p.section == "compressor")),
    Section("width", "Width", ("width",)),
    Section("pan", "Pan", ("pan",)),
    Section("send", "Reverb send", ("send_db",)),
)
SECTION_BY_NAME: dict[str, Section] = {section.name: section for section in SECTIONS}
SECTION_OF: dict[str, Section] = {param: section for section in SECTIONS for param in section.params}


def does_something(section: Section, settings: ChannelSettings) -> bool:
    """Whether the section changes the sound at all: an equaliser's band at 0 dB does not, wherever it stands."""
    if section.name == "highpass":
        return bool(settings["highpass_on"])
    if section.name == "compressor":
        return settings["comp_ratio"] > 1.0 or settings["comp_makeup_db"] != 0.0
    if f"{section.name}_gain_db" in section.params:
        return settings[f"{section.name}_gain_db"] != 0.0
    return any(settings[name] != BY_NAME[name].default for name in section.params)


def changed_sections(old: ChannelSettings, new: ChannelSettings) -> tuple[Section, ...]:
    """The sections that sound different at ``new``."""
    return tuple(
        section
        for section in SECTIONS
        if any(old[name] != new[name] for name in section.params)
        and (does_something(section, old) or does_something(section, new))
    )


def with_section(settings: ChannelSettings, section: Section, source: ChannelSettings) -> ChannelSettings:
    """``settings`` with the section as in ``source``."""
    return settings.with_values(**{name: source[name] for name in section.params})
