"""The transport: play, return and loop, what is listened to, how loud, where it is, and what it is heard with.

Contents: :class:`Transport`.
"""

from __future__ import annotations

import math

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from assistant.wording import gain_text, time_text
from gui.models.player import Player
from gui.playback.deck import VERSIONS
from gui.views.elided_label import ElidedLabel
from gui.views.icons import icon
from gui.views.shown import px, theme_signals
from gui.views.theme import GAP, SNUG, TIGHT, mark

#: The slider's travel, in dB under full level; its lowest place is silence.
_QUIETEST_DB = -60
_NARROW, _VOLUME, _NARROW_VOLUME = 720, 110, 72  # widths at 100 %


class Transport(QWidget):
    """Shows what the player does and has it do what is asked for; keys belong to the window's actions."""

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Transport"))
        self._player = player
        self._return = self._button(self.tr("Return to the start"), self.tr("Stop, and go back to the start (Return)"))
        self._play = self._button(self.tr("Play"), self.tr("Play or pause (space bar)"))
        self._loop = self._button(self.tr("Loop"), self.tr("Repeat the part marked on the waveform (Ctrl+L)"))
        self._loop.setCheckable(True)
        self._position, self._matched, self._device = (
            QLabel(self),
            QLabel(self),
            ElidedLabel(self, Qt.AlignmentFlag.AlignRight),
        )
        self._versions = QButtonGroup(self)
        self._mute = self._button(self.tr("Mute"), self.tr("Play on in silence"))
        self._mute.setCheckable(True)
        self._volume = _VolumeSlider(self)
        self._lay_out()
        self._connect()
        self._dress()
        self.refresh()
        self._show_position(player.position_s)

    # ------------------------------------------------------------------------------------------------- made

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        button.setAutoRaise(True)
        return button

    def _version_button(self, number: int) -> QToolButton:
        texts = (self.tr("Before"), self.tr("Proposed"), self.tr("Accepted"))
        tips = (
            self.tr("Hear the mix as it was"),
            self.tr("Hear the mix with everything that is proposed and not rejected"),
            self.tr("Hear the mix with what you have accepted so far"),
        )
        also = self.tr("at the same place and equally loud, for what is louder always seems better")
        button = self._button(texts[number], f"{tips[number]}, {also} ({number + 1})")
        button.setText(texts[number])
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        mark(button, "choice")
        button.setCheckable(True)
        self._versions.addButton(button, number)
        return button

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        for button in (self._return, self._play, self._loop):
            layout.addWidget(button)
        layout.addWidget(self._position)
        layout.addStretch(1)
        for number in range(len(VERSIONS)):
            layout.addWidget(self._version_button(number))
        layout.addWidget(self._matched)
        layout.addWidget(self._device, 1)
        layout.addWidget(self._mute)
        layout.addWidget(self._volume)
        for label in (self._matched, self._device):
            mark(label, "quiet")
        self._matched.setToolTip(self.tr("What is listened to is turned by so much to be as loud as the other mixes"))
        self._position.setAccessibleName(self.tr("Position"))

    def _connect(self) -> None:
        player = self._player
        self._return.clicked.connect(player.stop)
        self._play.clicked.connect(player.toggle)
        self._loop.clicked.connect(player.set_looping)
        self._mute.clicked.connect(player.set_muted)
        self._versions.idClicked.connect(lambda number: player.set_version(VERSIONS[number]))
        self._volume.valueChanged.connect(lambda value_db: player.set_volume(_amplitude(value_db)))
        player.state_changed.connect(self.refresh)
        player.position_changed.connect(self._show_position)
        theme_signals().theme_changed.connect(self._dress)

    def _dress(self) -> None:
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(px(GAP), px(TIGHT), px(GAP), px(TIGHT))
        layout.setSpacing(px(SNUG))
        self._fit()
        self._return.setIcon(icon("stop"))
        self._loop.setIcon(icon("loop"))
        self._mute.setIcon(icon("headphones"))
        self._show_play()

    # ------------------------------------------------------------------------------------------------- shown

    def refresh(self) -> None:
        """Show the player's state."""
        player = self._player
        self._show_play()
        self._loop.setChecked(player.loop is not None)
        self._mute.setChecked(player.is_muted)
        self._show_versions()
        self._show_volume()
        self._show_position(player.position_s)
        self._device.show_text(self.tr("Rendering...") if player.is_waiting else player.device_text)
        for button in (self._return, self._play, self._loop):
            button.setEnabled(bool(player.versions))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: another width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is little room, leave out what is only told."""
        is_narrow = self.width() < px(_NARROW)
        self._matched.setVisible(not is_narrow)
        self._volume.setFixedWidth(px(_NARROW_VOLUME if is_narrow else _VOLUME))

    def _show_play(self) -> None:
        is_playing = self._player.is_playing
        self._play.setIcon(icon("pause" if is_playing else "play"))
        self._play.setAccessibleName(self.tr("Pause") if is_playing else self.tr("Play"))

    def _show_versions(self) -> None:
        player = self._player
        for button in self._versions.buttons():
            version = VERSIONS[self._versions.id(button)]
            button.setEnabled(version in player.versions)
            button.setChecked(version == player.version and version in player.versions)
        gain_db = player.gain_db(player.version)
        is_matched = any(player.gain_db(version) for version in player.versions)
        self._matched.setText(self.tr("matched, {gain} dB").format(gain=gain_text(gain_db)) if is_matched else "")

    def _show_volume(self) -> None:
        value_db = _decibels(self._player.volume)
        self._volume.blockSignals(True)
        self._volume.setValue(value_db)
        self._volume.blockSignals(False)
        words = self.tr("silent") if value_db <= _QUIETEST_DB else f"{value_db} dB"
        self._volume.setToolTip(self.tr("Volume of listening: {level}. Double-click: full").format(level=words))

    def _show_position(self, position_s: float) -> None:
        text = f"{time_text(math.floor(position_s))} / {time_text(self._player.duration_s)}"
        if text != self._position.text():
            self._position.setText(text)


class _VolumeSlider(QSlider):
    """Decibels under full level."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(_QUIETEST_DB, 0)
        self.setPageStep(6)
        self.setAccessibleName(self.tr("Volume of listening"))

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Qt: full level."""
        self.setValue(0)


def _amplitude(value_db: int) -> float:
    return 0.0 if value_db <= _QUIETEST_DB else 10.0 ** (value_db / 20.0)


def _decibels(amplitude: float) -> int:
    return _QUIETEST_DB if amplitude <= 0.0 else max(_QUIETEST_DB, round(20.0 * math.log10(amplitude)))
