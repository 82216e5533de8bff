"""The palettes can be read and told apart, the sizes scale, and every sign is drawn."""

import math
from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFontMetricsF
from PyQt6.QtWidgets import QApplication, QLabel

from assistant.engineers.role_table import ROLES
from gui.views import theme
from gui.views.colours import DARK, LIGHT, Colours, mixed
from gui.views.icons import FAMILY_MARKS, STROKES, icon, mark_path, pixmap

GROUNDS = ("window", "panel", "raised", "sunken")
TEXTS = ("text", "quiet", "accent", "focus", "before", "proposed", "accepted", "rejected", "warning", "danger")
MARKS = ("outline", "meter_low", "meter_mid", "meter_high")

#: From linear sRGB to what is seen without one kind of cone: Machado, Oliveira and Fernandes, "A Physiologically-based
#: Model for Simulation of Color Vision Deficiency" (2009), severity 1.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


@pytest.fixture(autouse=True)
def as_before(qapp: QApplication) -> Iterator[None]:
    yield
    theme.apply(qapp, "dark", 1.0)


def linear(colour: QColor) -> np.ndarray:
    coded = np.array(colour.getRgbF()[:3])
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def contrast(first: QColor, second: QColor) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""
    darker, lighter = sorted(float(linear(c) @ (0.2126, 0.7152, 0.0722)) for c in (first, second))
    return (lighter + 0.05) / (darker + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE 1976 L*a*b* of linear sRGB under D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = to_xyz @ np.clip(rgb, 0.0, 1.0) / (0.95047, 1.0, 1.08883)
    f = [t ** (1 / 3) if t > (6 / 29) ** 3 else t * (29 / 6) ** 2 / 3 + 4 / 29 for t in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=lambda p: p.name)
def test_text_and_marks_stand_off_every_ground(palette: Colours) -> None:
    for ground in GROUNDS:
        below = getattr(palette, ground)
        assert min(contrast(getattr(palette, name), below) for name in TEXTS) >= 4.5
        assert min(contrast(getattr(palette, name), below) for name in MARKS) >= 3.0
        assert min(contrast(colour, below) for colour in palette.families.values()) >= 3.0
    assert contrast(palette.on_accent, palette.accent) >= 4.5


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=lambda p: p.name)
def test_heat_climbs_by_equal_steps_of_lightness(palette: Colours) -> None:
    lightness = [lab(linear(palette.heat_at(share)))[0] for share in np.linspace(0.0, 1.0, 17)]
    steps = np.abs(np.diff(lightness))
    assert all(b > a for a, b in pairwise(lightness)) or all(b < a for a, b in pairwise(lightness))
    assert steps.max() / steps.min() < 1.8
    assert palette.heat_at(-1.0) == palette.heat[0]
    assert palette.heat_at(2.0) == palette.heat[-1]


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=lambda p: p.name)
def test_families_and_states_are_told_apart_without_every_cone(palette: Colours, deficiency: str) -> None:
    seen = DEFICIENCIES[deficiency]
    groups = (palette.families, {n: getattr(palette, n) for n in ("before", "proposed", "rejected")})
    for named in groups:
        for (first, one), (second, other) in combinations(named.items(), 2):
            distance = np.linalg.norm(lab(seen @ linear(one)) - lab(seen @ linear(other)))
            assert distance > 10.0, (first, second, distance)


def test_every_family_of_roles_has_a_colour_and_a_shape_of_its_own() -> None:
    families = {role.family for role in ROLES}
    assert families == set(FAMILY_MARKS) == set(DARK.families) == set(LIGHT.families)
    assert len(set(FAMILY_MARKS.values())) == len(FAMILY_MARKS)
    assert DARK.family("no such family") == DARK.families["other"]


def test_scale_makes_text_and_lengths_larger(qapp: QApplication) -> None:
    theme.apply(qapp, "dark", 1.0)
    body, title, length = qapp.font().pointSizeF(), theme.text_font("title").pointSizeF(), theme.px(12)
    theme.apply(qapp, "light", 2.0)
    assert qapp.font().pointSizeF() == pytest.approx(2 * body)
    assert theme.text_font("title").pointSizeF() == pytest.approx(2 * title)
    assert theme.px(12) == 2 * length
    assert (theme.px(0), theme.px(0.1)) == (0, 1)
    theme.apply(qapp, "dark", 1.0)
    assert qapp.font().pointSizeF() == pytest.approx(body)


def test_theme_is_told_and_worn(qapp: QApplication) -> None:
    told: list[str] = []
    theme.theme_signals().theme_changed.connect(lambda: told.append(theme.colours().name))
    theme.apply(qapp, "light", 1.0)
    assert qapp.palette().window().color() == LIGHT.window
    theme.apply(qapp, "system", 1.0)
    hints = qapp.styleHints()
    assert hints is not None
    is_light = hints.colorScheme() == Qt.ColorScheme.Light
    assert told == ["light", "light" if is_light else "dark"]


@pytest.mark.parametrize(("name", "scale"), [("dusk", 1.0), ("dark", 0.5), ("dark", 150.0), ("dark", math.nan)])
def test_other_themes_and_scales_are_refused(qapp: QApplication, name: str, scale: float) -> None:
    with pytest.raises(ValueError, match=r"theme|scale"):
        theme.apply(qapp, name, scale)  # type: ignore[arg-type]


def test_figures_are_of_one_width(qapp: QApplication) -> None:
    theme.apply(qapp, "dark", 1.0)
    metrics = QFontMetricsF(theme.text_font())
    assert len({round(metrics.horizontalAdvance(figure * 8), 3) for figure in "0123456789"}) == 1


def test_looks_change_the_label(qapp: QApplication) -> None:
    theme.apply(qapp, "dark", 1.0)
    label = QLabel("-14.0 LUFS")
    plain = label.sizeHint()
    theme.mark(label, "title")
    assert label.sizeHint().height() > plain.height()


@pytest.mark.parametrize("name", STROKES)
def test_every_sign_is_drawn_inside_its_field(qapp: QApplication, name: str) -> None:
    lines, areas = mark_path(name)
    box = lines.boundingRect().united(areas.boundingRect())
    assert box.left() >= 1.0
    assert box.top() >= 1.0
    assert box.right() <= 23.0
    assert box.bottom() <= 23.0
    picture = pixmap(name, 24.0, QColor("white"), 1.0).toImage()
    drawn = sum(picture.pixelColor(x, y).alpha() > 128 for x in range(24) for y in range(24))
    assert drawn > 10


def test_a_disabled_icon_is_greyer(qapp: QApplication) -> None:
    made = icon("check")
    normal, disabled = (made.pixmap(24, 24, mode).toImage() for mode in (made.Mode.Normal, made.Mode.Disabled))
    assert normal != disabled


def test_mixed_colours_lie_between() -> None:
    assert mixed(QColor("black"), QColor("white"), 0.5).red() in (127, 128)
    assert mixed(QColor("red"), QColor("blue"), 0.0) == QColor("red")
