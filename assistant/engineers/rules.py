"""The rule engineer: best practice by role, applied to what was measured; every setting with its reason.

Order of work, as in De Man, Reiss and Stables, "Ten years of automatic mixing", WIMP 2017: listen and find roles;
high-pass and EQ; trim to the reference loudness behind them; compress; balance; pan; send. The rules and their
sources stand in ``levels``, ``panning``, ``image_rules``, ``highpass_rules``, ``eq_rules``, ``dynamics_rules`` and
``reverb_rules``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from assistant.engineers.dynamics_rules import advise_compressor
from assistant.engineers.engineer import Engineer
from assistant.engineers.eq_rules import advise_eq
from assistant.engineers.filtering import filtered_features, power_change_db
from assistant.engineers.hearing import (
    SILENT_REASON,
    Advice,
    HeardTrack,
    Recollection,
    Scene,
    as_told,
    hear_session,
    joined,
)
from assistant.engineers.highpass_rules import advise_highpass
from assistant.engineers.image_rules import advise_width, image_change_db
from assistant.engineers.levels import advise_fader, advise_trim
from assistant.engineers.panning import plan_panning
from assistant.engineers.reverb_rules import advise_send, reverb_for
from assistant.engineers.roles import RoleGuess
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session
from assistant.tasks import IsCancelled, Load, Progress

#: Compressor settings for a track, given what trim and EQ do to its level before.
Compress = Callable[[HeardTrack, float], Advice]


@dataclass(frozen=True)
class RuleEngineer(Engineer):
    """Proposes by rules; ``load`` brings the tracks' audio."""

    load: Load
    name: str = "rules"

    def listen(
        self,
        session: Session,
        progress: Progress = lambda share, what: None,
        is_cancelled: IsCancelled = lambda: False,
    ) -> Recollection:
        """See :class:`assistant.engineers.engineer.Engineer`."""
        heard = {one.name: one for one in hear_session(session, self.load, progress, is_cancelled)}
        return Recollection(session, partial(self._mix, heard, _remembered(advise_compressor)))

    def _mix(self, known: Mapping[str, HeardTrack], compress: Compress, session: Session) -> Mix:
        heard = [as_told(known[track.name], track) for track in session.tracks]
        audible = sorted((h for h in heard if not h.features.is_silent), key=lambda h: h.name)
        advice = advise_scene(Scene(tuple(audible), session.tempo), compress)
        channels = tuple(_channel(h, advice.get(h.name, Advice(reasons=(SILENT_REASON,)))) for h in heard)
        return Mix(channels, reverb_for(session.tempo), engineer=self.name)


def advise_scene(scene: Scene, compress: Compress = advise_compressor) -> dict[str, Advice]:
    """All settings and reasons for the tracks of ``scene``, by name; they are judged behind their high-passes."""
    highpasses = {heard.name: advise_highpass(heard) for heard in scene.tracks}
    scene = replace(scene, tracks=tuple(_behind(heard, highpasses[heard.name]) for heard in scene.tracks))
    faders = {heard.name: advise_fader(heard, scene) for heard in scene.tracks}
    pans = plan_panning(scene, {name: fader.settings["fader_db"] for name, fader in faders.items()})
    advice = {}
    for heard in scene.tracks:
        width, pan = advise_width(heard), pans[heard.name]
        image_db = image_change_db(heard, width.settings.get("width", 1.0), pan.settings.get("pan", 0.0))
        tone = _advise_tone(heard, scene, image_db, compress)
        placed = (faders[heard.name], width, pan, advise_send(heard))
        advice[heard.name] = joined(tone[0], highpasses[heard.name], *tone[1:], *placed)
    return advice


def _behind(heard: HeardTrack, filters: Advice) -> HeardTrack:
    return replace(heard, features=filtered_features(heard.features, filters.settings))


def _remembered(compress: Compress) -> Compress:
    """``compress`` with a memory, for the tracks of one session: it takes longer than everything else together."""
    known: dict[tuple[str, RoleGuess, float], Advice] = {}

    def ask(heard: HeardTrack, input_gain_db: float) -> Advice:
        question = (heard.name, heard.guess, input_gain_db)
        if question not in known:
            known[question] = compress(heard, input_gain_db)
        return known[question]

    return ask


def _advise_tone(heard: HeardTrack, scene: Scene, image_db: float, compress: Compress) -> tuple[Advice, ...]:
    """Trim, EQ and compressor of a track behind its high-pass, at the reference loudness behind its panner.

    ``image_db`` is what width and balance do to its level.
    """
    eq = advise_eq(heard, scene)
    trim = advise_trim(heard, eq.settings, image_db)
    gain_db = trim.settings["trim_db"] + power_change_db(eq.settings, heard.features.spectrum_db)
    return trim, eq, compress(heard, gain_db)


def _channel(heard: HeardTrack, advice: Advice) -> ChannelMix:
    settings = ChannelSettings(advice.settings)
    return ChannelMix(heard.name, settings, heard.role, heard.guess.confidence, advice.reasons)
