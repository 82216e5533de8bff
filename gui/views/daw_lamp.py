"""How the link to the DAW stands, in the title bar: a sign and a few words, and what to do when they are pointed at.

Contents: :class:`DawLamp`; :func:`lamp_sign`, :func:`lamp_colour`, :func:`state_text`, :func:`state_tip`.
"""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication, QSize, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QToolButton, QWidget

from gui.models.daw_values import DawState, Link
from gui.views.icons import icon
from gui.views.theme import colours, mark, px, theme_signals

translate = QCoreApplication.translate
_SIGNS: dict[Link, str] = {"closed": "ring", "waiting": "half", "connected": "check", "lost": "cross"}
_LONGEST_NAME = 24


class DawLamp(QToolButton):
    """See the module; a click asks for more (``clicked``)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = DawState()
        self._share: float | None = None
        mark(self, "flat")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        theme_signals().theme_changed.connect(self._show)
        self._show()

    def show_state(self, state: DawState) -> None:
        """Another state of the link."""
        if state != self._state:
            self._state = state
            self._show()

    def show_progress(self, share: float | None) -> None:
        """So much (0..1) of a push is done; None when none is under way."""
        shown = None if share is None else round(share, 2)
        if shown != self._share:
            self._share = shown
            self._show()

    def _show(self) -> None:
        state = self._state
        text = state_text(state) if self._share is None else _pushing_text(state, self._share)
        self.setText(text)
        self.setAccessibleName(translate("DawLamp", "DAW: {state}").format(state=text))
        self.setToolTip(state_tip(state))
        self.setIcon(icon(lamp_sign(state), lamp_colour(state)))
        self.setIconSize(QSize(px(16), px(16)))


def lamp_sign(state: DawState) -> str:
    """The sign of a state: its shape says what its colour says."""
    return "warning" if _needs_care(state) else _SIGNS[state.link]


def lamp_colour(state: DawState) -> QColor:
    """The colour of a state's sign."""
    shown = colours()
    by_link = {"closed": shown.quiet, "waiting": shown.warning, "connected": shown.accepted, "lost": shown.danger}
    return shown.warning if _needs_care(state) else by_link[state.link]


def state_text(state: DawState) -> str:
    """A state in a few words."""
    name = _short(state.session) or state.label
    texts = {
        "closed": translate("DawLamp", "No DAW"),
        "waiting": translate("DawLamp", "Waiting for {daw}"),
        "connected": translate("DawLamp", "{daw}: {session}") if state.session else "{daw}",
        "lost": translate("DawLamp", "{daw} is silent"),
    }
    text = texts[state.link].format(daw=state.label, session=name)
    if state.link == "connected" and state.pending_push:
        return text + translate("DawLamp", " · push broken off")
    return text + translate("DawLamp", " · not saved") if state.has_unsaved else text


def state_tip(state: DawState) -> str:
    """What a state means, and what to do about it."""
    usual = {
        "closed": translate("DawLamp", "Not connected. Connect to a running DAW to have what you accept set there."),
        "waiting": translate("DawLamp", "It connects by itself as soon as {daw} answers."),
        "connected": translate("DawLamp", "What you accept is set in {daw}, and read back to confirm it."),
        "lost": translate("DawLamp", "It connects again by itself when {daw} is back; nothing here is lost."),
    }
    parts = [state.trouble[:1].upper() + state.trouble[1:], usual[state.link].format(daw=state.label)]
    if state.has_unsaved:
        saved = translate("DawLamp", "{daw} has changes that are not saved; save there to have new recordings heard.")
        parts.append(saved.format(daw=state.label))
    if state.pending_push:
        parts.append(translate("DawLamp", "A push was broken off and can be taken back."))
    if state.dropped:
        dropped = ", ".join(f"{count} {reason}" for reason, count in state.dropped.items())
        parts.append(translate("DawLamp", "Messages that were no use: {dropped}.").format(dropped=dropped))
    return "\n".join(filter(None, parts))


def _needs_care(state: DawState) -> bool:
    return state.link == "connected" and (state.pending_push or bool(state.trouble))


def _pushing_text(state: DawState, share: float) -> str:
    return translate("DawLamp", "Setting {daw}: {percent} %").format(daw=state.label, percent=round(100 * share))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
