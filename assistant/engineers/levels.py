"""Gain staging and balance: trim to one reference loudness, fader for the mix decision.

All engineers follow the same convention: ``trim_db`` brings the processed track to ``REFERENCE_LUFS``, so that
``fader_db`` alone says how loud it stands in the mix, relative to a lead vocal at 0 dB.

Sources. Equal loudness as the starting point: Perez Gonzalez and Reiss, "Automatic gain and fader control for live
mixing", WASPAA 2009. Fixed offsets by instrument on top of it, vocal first, backing and rhythm below: De Man and Reiss,
"A knowledge-engineered autonomous mixing system", AES 135, 2013; Pestana and Reiss, "Intelligent audio production
strategies informed by best practices", AES 53rd Conf., 2014. The ranking agrees with the MUSDB18 stems' mean
loudness (bass 1 LU above, drums and the rest 0.4 to 3.5 LU below the vocals; statistics of FxNorm-automix, MIT
licence). The figures themselves: practice, our choice, for tracks judged by the loudness of their active parts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from assistant.engineers.filtering import loudness_change_db
from assistant.engineers.hearing import Advice, HeardTrack, Scene
from assistant.engineers.role_names import words_of
from assistant.params import BY_NAME
from assistant.wording import gain_text

#: The loudness every track is trimmed to: EBU R 128's, which leaves even sparse percussion its peaks.
REFERENCE_LUFS = -23.0
#: Where the engineers' faders stay.
FADER_RANGE_DB = (-24.0, 6.0)

#: Target loudness by role in LU, relative to the lead vocal.
LEVEL_LU: dict[str, float] = {
    "kick": 2.5,
    "snare": -2.0,
    "clap": -5.0,
    "hihat": -6.0,
    "cymbal": -7.0,
    "toms": 0.0,
    "percussion": -7.0,
    "drum loop": 0.0,
    "overheads": -4.0,
    "drum room": -8.0,
    "bass": 2.5,
    "sub bass": 2.5,
    "lead vocal": 0.0,
    "backing vocal": -3.5,
    "acoustic guitar": -5.0,
    "electric guitar": -4.0,
    "lead guitar": -2.0,
    "piano": -4.0,
    "keys": -4.0,
    "organ": -5.0,
    "mallets": -6.0,
    "strings": -5.0,
    "brass": -4.0,
    "woodwind": -3.0,
    "pad": -4.0,
    "lead synth": -3.0,
    "pluck": -6.0,
    "arp": -4.0,
    "stab": -4.0,
    "synth": -3.0,
    "fx": -6.0,
    "riser": -7.0,
    "other": -4.0,
}
#: What a role usually carries below 120 Hz, where it is not next to nothing.
USUAL_LOW_SHARE = {"kick": 0.85, "sub bass": 0.95, "bass": 0.7, "drum loop": 0.4, "toms": 0.15}
_SHARING = 0.7
#: What a low track that is not there leaves to the one that stands for it: (role missing, who stands in for it).
_STANDS_FOR_LU, _LOW_ENOUGH = 2.0, 0.5
#: Roles that may be raised by more than ``_MOST_FOR_BOTTOM_LU`` for their bottom; on others it is mud or proximity.
_BOTTOM_ROLES = frozenset(("kick", "bass", "sub bass", "drum loop", "synth", "lead synth", "arp", "pad", "fx", "other"))
_MOST_FOR_BOTTOM_LU = 1.0
_UNDER_WORDS, _UNDER_LU = frozenset(("bottom", "bot", "btm", "under", "unten")), -6.0
_LOW_SHARE_LU, _USUAL_CREST_DB, _CREST_SLOPE = 6.0, 18.0, 0.3


def trim_to_reference(loudness_lufs: float) -> float:
    """The trim in dB, inside the console's range, that brings ``loudness_lufs`` to ``REFERENCE_LUFS``."""
    return round(BY_NAME["trim_db"].clamp(REFERENCE_LUFS - loudness_lufs), 2)


def advise_trim(heard: HeardTrack, equaliser: Mapping[str, float], image_db: float) -> Advice:
    """The trim that brings ``heard`` to the reference loudness behind its ``equaliser``, its width and its balance.

    ``image_db`` is what the last two do to its level.
    """
    loudness_lufs = heard.features.loudness_lufs
    filtered_lu = loudness_change_db(equaliser, heard.features.spectrum_db)
    trim_db = trim_to_reference(loudness_lufs + filtered_lu + image_db)
    reason = f"trim {gain_text(trim_db)} dB: {loudness_lufs:.1f} LUFS when it plays"
    if abs(filtered_lu) >= 0.1:
        reason += f", {filtered_lu:+.1f} LU by the EQ"
    if abs(image_db) >= 0.1:
        reason += f", {image_db:+.1f} LU by width and balance"
    return Advice({"trim_db": trim_db}, (f"{reason}, to {REFERENCE_LUFS:.0f} LUFS",))


def share_db(heard: HeardTrack, scene: Scene) -> float:
    """How far the track steps back because others of its group play at the same time.

    The group shares one level by power, of which ``_SHARING`` is applied: six hi-hats that play together stand 5.4 dB
    lower each and are 2.3 dB louder than one, not 7.8; six that follow one another are not lowered at all. Balancing
    groups before single tracks: De Man and Reiss 2013 (see the module); the overlap in time and the share: our choice.
    """
    cells = heard.cells
    if not cells:
        return 0.0
    group = heard.guess.role.group
    playing = Counter(c for other in scene.tracks if other.guess.role.group == group for c in other.cells & cells)
    return -10.0 * _SHARING * math.log10(max(1.0, sum(playing.values()) / len(cells)))


def stands_for(heard: HeardTrack, scene: Scene) -> tuple[float, str]:
    """(LU, what for) a track is raised because it carries what no other track brings while it plays.

    A loop without a kick beside it is the whole kit, whose kick, snare and hats at their own levels would sum to 4 LU
    over it; a low synth without a bass beside it is the bass. Half of that is given, in proportion to the time alone.
    Practice, our choice; set with four CC0 songs in view.
    """
    if heard.role == "drum loop":
        others, part = scene.with_role("kick"), "the whole kit"
    elif heard.guess.role.family in ("synths", "keys") and heard.features.low_share > _LOW_ENOUGH:
        others, part = scene.with_role("bass", "sub bass"), "the bass"
    else:
        return 0.0, ""
    cells = heard.cells
    alone = cells.difference(*(other.cells for other in others))
    return _STANDS_FOR_LU * len(alone) / max(1, len(cells)), part


def target_lu(heard: HeardTrack) -> tuple[float, float, float]:
    """(by role, for the bottom it carries, for its peaks) in LU relative to the lead vocal.

    K-weighting hardly counts the lowest octaves, so a track that carries more of them than its role usually does
    stands higher, as it would against a pink reference; peaky tracks stand lower because their peaks fill the headroom
    first. The lead vocal is the anchor and stands where it stands. Practice, our choice; slopes of about half the size
    seen in four CC0 songs' own mixes.
    """
    if heard.role == "lead vocal":
        return LEVEL_LU[heard.role], 0.0, 0.0
    features = heard.features
    bottom = _LOW_SHARE_LU * (features.low_share - USUAL_LOW_SHARE.get(heard.role, 0.0))
    peaks = -_CREST_SLOPE * (features.crest_db - _USUAL_CREST_DB)
    most = 4.0 if heard.role in _BOTTOM_ROLES else _MOST_FOR_BOTTOM_LU
    return LEVEL_LU[heard.role], min(most, max(-3.0, bottom)), min(2.0, max(-2.0, peaks))


def advise_fader(heard: HeardTrack, scene: Scene) -> Advice:
    """The fader for ``heard`` among the tracks of ``scene``."""
    by_role, bottom, peaks = target_lu(heard)
    shared = share_db(heard, scene)
    instead, part = stands_for(heard, scene)
    under = _UNDER_LU if heard.role == "snare" and _UNDER_WORDS & set(words_of(heard.name)) else 0.0
    total_lu = by_role + bottom + peaks + shared + instead + under
    fader_db = min(FADER_RANGE_DB[1], max(FADER_RANGE_DB[0], total_lu))
    place = "the anchor of the balance" if heard.role == "lead vocal" else f"{by_role:+.1f} LU to the lead vocal"
    reason = f"fader at {gain_text(fader_db)} dB: {heard.role}, {place}"
    if abs(bottom) >= 0.5:
        reason += f", {bottom:+.1f} dB as {heard.features.low_share:.0%} of it lies below 120 Hz"
    if abs(peaks) >= 0.5:
        reason += f", {peaks:+.1f} dB for peaks {heard.features.crest_db:.0f} dB over its body"
    if instead >= 0.5:
        reason += f", {instead:+.1f} dB as it stands for {part}"
    if under:
        reason += f", {under:+.1f} dB as the microphone under the snare only adds to the one above"
    if shared <= -0.5:
        reason += f", {shared:+.1f} dB because other {heard.guess.role.group} tracks play along"
    return Advice({"fader_db": round(fader_db, 1)}, (reason,))
