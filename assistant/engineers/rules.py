"""The rule engineer: best practice by role, applied to what was measured; every setting with its reason.

Order of work, as in De Man, Reiss and Stables, "Ten years of automatic mixing", WIMP 2017: listen and find roles;
high-pass and EQ; trim to the reference loudness behind them; compress; balance; pan; send. The rules and their
sources stand in ``levels``, ``panning``, ``highpass_rules``, ``eq_rules``, ``dynamics_rules`` and ``reverb_rules``.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.analysis.listening import Load
from assistant.engineers.dynamics_rules import advise_compressor
from assistant.engineers.eq_rules import advise_eq
from assistant.engineers.filtering import loudness_change_db, power_change_db
from assistant.engineers.hearing import (
    SILENT_REASON,
    Advice,
    HeardTrack,
    IsCancelled,
    Progress,
    Scene,
    hear_session,
)
from assistant.engineers.highpass_rules import advise_highpass
from assistant.engineers.levels import REFERENCE_LUFS, advise_fader, trim_to_reference
from assistant.engineers.panning import plan_panning
from assistant.engineers.reverb_rules import advise_send, reverb_for
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session



@dataclass(frozen=True)
class RuleEngineer:
    """Proposes by rules; ``load`` brings the tracks' audio."""

    load: Load
    name: str = "rules"

    def propose(
        self,
        session: Session,
        progress: Progress = lambda share, what: None,
        is_cancelled: IsCancelled = lambda: False,
    ) -> Mix:
        """See :class:`assistant.engineers.interface.Engineer`. The master stays at 0 dB."""
        heard = hear_session(session, self.load, progress, is_cancelled)
        audible = sorted((h for h in heard if not h.features.is_silent), key=lambda h: h.name)
        advice = advise_scene(Scene(tuple(audible), session.tempo))
        channels = tuple(_channel(h, advice.get(h.name, Advice(reasons=(SILENT_REASON,)))) for h in heard)
        return Mix(channels, reverb_for(session.tempo), engineer=self.name)


def advise_scene(scene: Scene) -> dict[str, Advice]:
    """All settings and reasons for the tracks of ``scene``, by name."""
    faders = {heard.name: advise_fader(heard, scene) for heard in scene.tracks}
    pans = plan_panning(scene, {name: fader.settings["fader_db"] for name, fader in faders.items()})
    return {
        heard.name: _joined(*_advise_tone(heard, scene), faders[heard.name], pans[heard.name], advise_send(heard))
        for heard in scene.tracks
    }


def _advise_tone(heard: HeardTrack, scene: Scene) -> tuple[Advice, ...]:
    """Trim, high-pass, EQ and compressor: what makes the track itself, at the reference loudness."""
    highpass, eq = advise_highpass(heard), advise_eq(heard, scene)
    filters = {**highpass.settings, **eq.settings}
    spectrum_db, loudness_lufs = heard.features.spectrum_db, heard.features.loudness_lufs
    filtered_lu = loudness_change_db(filters, spectrum_db)
    trim_db = trim_to_reference(loudness_lufs + filtered_lu)
    reason = f"trim {trim_db:+.1f} dB: {loudness_lufs:.1f} LUFS when it plays"
    if abs(filtered_lu) >= 0.1:
        reason += f", {filtered_lu:+.1f} LU by the filters"
    trim = Advice({"trim_db": trim_db}, (f"{reason}, to {REFERENCE_LUFS:.0f} LUFS",))
    compressor = advise_compressor(heard, trim_db + power_change_db(filters, spectrum_db))
    return trim, highpass, eq, compressor


def _joined(*parts: Advice) -> Advice:
    settings = {name: value for part in parts for name, value in part.settings.items()}
    return Advice(settings, tuple(reason for part in parts for reason in part.reasons))


def _channel(heard: HeardTrack, advice: Advice) -> ChannelMix:
    settings = ChannelSettings(advice.settings)
    return ChannelMix(heard.name, settings, heard.role, heard.guess.confidence, advice.reasons)
