"""The window's two palettes, dark and light: every colour there is, by what it means.

What the assistant proposes is blue everywhere, in the window as in the report: ``proposed`` (also ``after`` in plots)
and ``accent`` are that blue; what was there ``before`` is grey and thin. Nothing is told by a colour alone: there is a
mark of its own for each meaning (``gui.views.icons``). Text keeps a contrast of 4.5 to the grounds it stands on and
marks one of 3 (Web Content Accessibility Guidelines 2.2, 1.4.3 and 1.4.11).

The families' colours are those of Okabe and Ito, "Color Universal Design" (2008), moved no further than contrast and
nine families that are told apart without every cone need (found by search; the tests say how far apart). The heat ramp
climbs in lightness L* by equal steps (CIE 1976).

Contents: :class:`Colours`, ``DARK``, ``LIGHT``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PyQt6.QtGui import QColor


@dataclass(frozen=True)
class Colours:
    """One palette. Grounds: ``window``, ``panel`` (cards, strips), ``raised`` (buttons, fields) and ``sunken`` (plots,
    meters' wells). ``line`` parts grounds, ``outline`` bounds what can be used. ``on_accent`` is text on the accent.
    ``heat`` runs from nothing to most; ``families`` by the family of a role."""

    name: str
    window: QColor
    panel: QColor
    raised: QColor
    sunken: QColor
    line: QColor
    outline: QColor
    text: QColor
    quiet: QColor
    accent: QColor
    on_accent: QColor
    focus: QColor
    before: QColor
    proposed: QColor
    accepted: QColor
    rejected: QColor
    warning: QColor
    danger: QColor
    meter_low: QColor
    meter_mid: QColor
    meter_high: QColor
    heat: tuple[QColor, ...]
    families: Mapping[str, QColor]

    @property
    def is_dark(self) -> bool:
        """Whether light text stands on dark ground."""
        return self.window.lightnessF() < 0.5

    @property
    def after(self) -> QColor:
        """The mix with what is proposed, in plots."""
        return self.proposed

    def family(self, name: str) -> QColor:
        """The colour of a family of roles; an unknown one has that of "other"."""
        return self.families.get(name, self.families["other"])

    def heat_at(self, share: float) -> QColor:
        """The heat colour at ``share`` 0 (nothing) to 1 (most); what lies outside is taken for the nearer end."""
        place = min(max(share, 0.0), 1.0) * (len(self.heat) - 1)
        low = min(int(place), len(self.heat) - 2)
        return mixed(self.heat[low], self.heat[low + 1], place - low)


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """A colour ``share`` 0..1 of the way from ``first`` to ``second``."""
    pairs = zip(first.getRgbF(), second.getRgbF(), strict=True)
    return QColor.fromRgbF(*(min(max(a + (b - a) * share, 0.0), 1.0) for a, b in pairs))


def _all(codes: str) -> tuple[QColor, ...]:
    return tuple(QColor(code) for code in codes.split())


_FAMILIES = ("drums", "bass", "vocals", "guitars", "keys", "orchestra", "synths", "fx", "other")


def _families(codes: str) -> dict[str, QColor]:
    return dict(zip(_FAMILIES, _all(codes), strict=True))


DARK = Colours(
    name="dark",
    window=QColor("#131518"),
    panel=QColor("#1b1e22"),
    raised=QColor("#262a2f"),
    sunken=QColor("#0d0f11"),
    line=QColor("#32373d"),
    outline=QColor("#757d85"),
    text=QColor("#e9e7e2"),
    quiet=QColor("#a4abb2"),
    accent=QColor("#5cbcdc"),
    on_accent=QColor("#0b1b22"),
    focus=QColor("#a5e3f7"),
    before=QColor("#9aa0a6"),
    proposed=QColor("#5cbcdc"),
    accepted=QColor("#4fcfa0"),
    rejected=QColor("#e5877c"),
    warning=QColor("#ecc15a"),
    danger=QColor("#ff8a7d"),
    meter_low=QColor("#3fb68b"),
    meter_mid=QColor("#e6cf4f"),
    meter_high=QColor("#f0704a"),
    heat=_all("#2a2221 #5f281e #88361a #a84c16 #c1691c #d48933 #e2aa56 #efca85 #f9eac5"),
    families=_families("#e69f00 #d55f00 #c575ab #0f9f73 #0079bb #f0e442 #56b3e8 #dcdcdc #9a9a9a"),
)

LIGHT = Colours(
    name="light",
    window=QColor("#f1f0ec"),
    panel=QColor("#fbfaf7"),
    raised=QColor("#ffffff"),
    sunken=QColor("#ffffff"),
    line=QColor("#d8d5cc"),
    outline=QColor("#7f858b"),
    text=QColor("#1b2025"),
    quiet=QColor("#565d64"),
    accent=QColor("#08657f"),
    on_accent=QColor("#ffffff"),
    focus=QColor("#003f54"),
    before=QColor("#646a70"),
    proposed=QColor("#08657f"),
    accepted=QColor("#12704f"),
    rejected=QColor("#a8433a"),
    warning=QColor("#835300"),
    danger=QColor("#a3241b"),
    meter_low=QColor("#0c8a63"),
    meter_mid=QColor("#957500"),
    meter_high=QColor("#c2451f"),
    heat=_all("#f8f3e8 #f2d6a7 #ebb872 #e29949 #d5792d #c35b1f #ab411e #8b2e20 #662321"),
    families=_families("#b58000 #8f2a00 #873d71 #009c70 #0071b1 #7a6e00 #2b92c6 #2b2f33 #6e7277"),
)
