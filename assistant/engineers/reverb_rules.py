"""The reverb bus and who is sent to it.

One room for all, timed to the song: the pre-delay a sixty-fourth note, the decay about three beats. Bass, kick and
effects stay dry; tracks that bring a wide, soft space of their own get less.

Sources: De Man, McNally and Reiss, "Perceptual evaluation and analysis of reverberation in multitrack music
production", JAES 65, 2017 (too much reverberation is judged worse than too little); Izhaki, *Mixing Audio*, 2008, and
Senior, *Mixing Secrets for the Small Studio*, 2011 (pre-delay, low cut and damping on the bus, dry lows). The
figures: practice, our choice.
"""

from __future__ import annotations

from assistant.engineers.hearing import Advice, HeardTrack
from assistant.mix import BusSettings
from assistant.params import BY_NAME

#: Send by role in dB; roles left out stay dry.
SEND_DB: dict[str, float] = {
    "snare": -15.0,
    "clap": -15.0,
    "toms": -18.0,
    "percussion": -18.0,
    "lead vocal": -15.0,
    "backing vocal": -12.0,
    "acoustic guitar": -17.0,
    "electric guitar": -19.0,
    "lead guitar": -15.0,
    "piano": -17.0,
    "keys": -17.0,
    "organ": -19.0,
    "mallets": -16.0,
    "strings": -14.0,
    "brass": -15.0,
    "woodwind": -15.0,
    "pad": -18.0,
    "lead synth": -16.0,
    "pluck": -15.0,
    "arp": -17.0,
    "stab": -17.0,
    "synth": -20.0,
    "other": -20.0,
}
_OWN_SPACE_WIDTH, _OWN_SPACE_DB, _LOW_SHARE = 0.25, 4.0, 0.3
_BEATS_OF_DECAY, _DECAY_RANGE_S, _DAMPING_HZ, _LOW_CUT_HZ = 3.0, (1.0, 2.4), 5_500.0, 200.0


def advise_send(heard: HeardTrack) -> Advice:
    """The send to the reverb bus; no settings for what stays dry."""
    features, send_db = heard.features, SEND_DB.get(heard.role)
    if send_db is None or features.low_share > _LOW_SHARE:
        return Advice()
    reason = f"{heard.role} into the common room"
    if features.is_stereo and features.width > _OWN_SPACE_WIDTH:
        send_db -= _OWN_SPACE_DB
        reason += f", {_OWN_SPACE_DB:g} dB less as {features.width:.0%} of it is side signal already"
    return Advice({"send_db": send_db}, (f"reverb send at {send_db:.0f} dB: {reason}",))


def reverb_for(tempo: float | None) -> BusSettings:
    """The bus, timed to ``tempo`` in BPM where one is known (20 to 400; anything else counts as unknown)."""
    defaults = {name: BY_NAME[name].default for name in ("reverb_predelay_ms", "reverb_decay_s")}
    predelay_ms, decay_s = defaults["reverb_predelay_ms"], defaults["reverb_decay_s"]
    if tempo is not None and 20.0 <= tempo <= 400.0:
        beat_s = 60.0 / tempo
        predelay_ms = round(min(60.0, max(10.0, 1000.0 * beat_s / 16.0)), 1)
        decay_s = round(min(_DECAY_RANGE_S[1], max(_DECAY_RANGE_S[0], _BEATS_OF_DECAY * beat_s)), 2)
    return BusSettings(
        reverb_predelay_ms=predelay_ms,
        reverb_decay_s=decay_s,
        reverb_damping_hz=_DAMPING_HZ,
        reverb_low_cut_hz=_LOW_CUT_HZ,
    )
