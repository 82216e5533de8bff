"""Roles: what names say, what sounds say, and how the two are weighed."""

import pytest

from assistant.analysis.listening import TrackFeatures, listen
from assistant.engineers.dynamics_rules import COMPRESSION
from assistant.engineers.eq_rules import TONES
from assistant.engineers.highpass_rules import HIGHPASS_HZ
from assistant.engineers.levels import LEVEL_LU
from assistant.engineers.panning import PAN_BY_ROLE
from assistant.engineers.reverb_rules import SEND_DB
from assistant.engineers.role_aliases import ALIASES
from assistant.engineers.role_names import role_from_name, side_of, stem_of, words_of
from assistant.engineers.role_sounds import PROFILES, SOUNDS_LIKE, role_from_sound
from assistant.engineers.role_table import ROLE_BY_NAME, ROLES
from assistant.engineers.roles import guess_role
from assistant.mix import Track

SILENT = TrackFeatures()

#: The stems of Everything is Free (Software-Entwicklungskit, CC0) and what they are, by name alone.
STEMS = {
    "alt_hh alt_hats fast_hats glitch_hh hat_fill hats hh hh_build hh_glitch": "hihat",
    "arp_dist": "arp",
    "bass_stab pad_+_bass sy_bass": "bass",
    "beep minilogue_synth": "synth",
    "bgvox bgvox_1 bgvox_2 bgvox_3 bgvox_aaaaahhhh bgvox_alt bgvox_build bgvox_echo": "backing vocal",
    "bgvox_harmony_glitch bgvox_ick_ick bgvox_main bgvox_ooh bgvox_outro bgvox_reverse vox_echo": "backing vocal",
    "break_beat breakbeat crush_break drums_2 drums_main drums_outro end_drums house_beat": "drum loop",
    "intro_drums k_sn kick_hats outro_drum slow_beat trap_beat": "drum loop",
    "build edm_build fill_build reverse_sweep rise sweep sweeps": "riser",
    "build_prc tops": "percussion",
    "clap": "clap",
    "crash_fade crash_intro": "cymbal",
    "echo_pad melody_pad pad_intro": "pad",
    "fill_piano": "piano",
    "high_stabs": "stab",
    "hvy_kick kick off_kick": "kick",
    "keys": "keys",
    "mallet": "mallets",
    "melody_break": "lead synth",
    "microcosm_effect organ_sweep_effect slide transistion": "fx",
    "pluck": "pluck",
    "snare snare_build": "snare",
    "tom_break toms": "toms",
    "vox_lead": "lead vocal",
}
SESSIONS = {
    "kick": "Kick In|KickOut|BD|01_Kick|kik|K in|Grosse Caisse|Bombo|bass drum|Kick01",
    "snare": "SnTop|Snare Bot|SD 1|snr|Caisse Claire|Caja|Side Stick",
    "hihat": "HH|Hi-Hat|hihat closed|Charley",
    "cymbal": "Ride|Crash L|Becken|China",
    "toms": "Tom1|FloorTom|RackTom|Hi Tom",
    "overheads": "OHL|OH_R|Overheads|oh",
    "drum room": "DrumRoom|Room L",
    "percussion": "Shaker|Tambourine|Congas|Perc 2",
    "drum loop": "Schlagzeug|Batterie|DrumLoop|Drums|Kick Snare",
    "clap": "Claps|Snaps",
    "bass": "Bass DI|BassAmp|bs|Upright Bass|Kontrabass|Basse|Bajo|Synth Bass",
    "sub bass": "808|Sub",
    "lead vocal": "LeadVox|Ld Vox|VOX|vocals_main|Gesang|Voix lead|Voz|Main Vocal",
    "backing vocal": "BGV 1|BGVs|Choir|Vocal Dbl|bvox|Choeurs|Coros|Backing Vox L|VoxHarm",
    "acoustic guitar": "AGtr|AcGtr L|Acoustic Guitar 2|Nylon",
    "electric guitar": "EGtr1|gtr L|GTR_R|Gitarre|E-Gitarre|Guitare|Guitarra|Dist Gtr",
    "lead guitar": "Lead Gtr|Guitar Solo|LeadGtr",
    "piano": "Pno|Grand Piano L|Klavier",
    "keys": "Rhodes|Wurli|Clavier|Teclado|Keyboards",
    "organ": "B3|Hammond|Orgel",
    "strings": "Strings|Strg|Vln1|Cello|Streicher",
    "brass": "Trumpet|Tpt 2|Horns|Bläser",
    "woodwind": "Sax|AltoSax|Flute",
    "pad": "Pad|Warm Pad",
    "lead synth": "Synth Lead",
    "fx": "FX 2|SFX",
    "riser": "Riser|Uplifter",
}


def test_every_table_speaks_of_known_roles():
    for table in (ALIASES, LEVEL_LU, PAN_BY_ROLE, HIGHPASS_HZ, COMPRESSION, SEND_DB, TONES, PROFILES, SOUNDS_LIKE):
        assert set(table) <= set(ROLE_BY_NAME)
    assert set(LEVEL_LU) == set(ROLE_BY_NAME)
    assert set(PROFILES) | set(SOUNDS_LIKE) == set(ROLE_BY_NAME)
    assert len(ROLE_BY_NAME) == len(ROLES)


def test_no_alias_is_listed_under_two_roles():
    aliases = [alias.rstrip("?") for text in ALIASES.values() for alias in text.split(", ")]
    assert sorted({a for a in aliases if aliases.count(a) > 1}) == []


@pytest.mark.parametrize(("name", "role"), [(n, role) for names, role in STEMS.items() for n in names.split()])
def test_stem_names(name, role):
    assert guess_role(Track(name), SILENT).role.name == role


@pytest.mark.parametrize(("name", "role"), [(n, role) for role, names in SESSIONS.items() for n in names.split("|")])
def test_session_names(name, role):
    assert guess_role(Track(name), SILENT).role.name == role


@pytest.mark.parametrize("name", ["Audio 12", "Track 1", "", "2", "L", "___", "ünïcödé", "名前", "x" * 300])
def test_names_that_say_nothing(name):
    assert role_from_name(name) == {}
    guess = guess_role(Track(name), SILENT)
    assert (guess.role.name, guess.confidence) == ("other", 0.0)


def test_sides_and_stems():
    assert [side_of(n) for n in ("gtr L", "Gtr_R", "OHL", "OHR", "gtrRight", "L", "Lead", "vocal")] == [
        -1, 1, -1, 1, 1, 0, 0, 0,
    ]  # fmt: skip
    assert stem_of("gtr L") == stem_of("Gtr_R") == "gtr"
    assert stem_of("bgvox_1") == stem_of("bgvox_2") == "bgvox"
    assert stem_of("OHL") == stem_of("OH R")
    assert words_of("AGtrDbl01") == ("a", "gtr", "dbl", "01")


@pytest.mark.parametrize(
    ("instrument", "roles"),
    [
        ("kick", {"kick"}),
        ("snare", {"snare", "clap"}),
        ("hihat", {"hihat"}),
        ("bass", {"bass", "sub bass"}),
        ("vocal", {"lead vocal"}),
        ("pad", {"pad", "strings", "piano"}),
    ],
)
def test_a_nameless_track_is_known_by_its_sound(track, instrument, roles):
    guess = guess_role(track("Audio 1", instrument), heard := listen(track("", instrument).audio, 44_100))
    assert guess.role.name in roles
    assert 0.1 < guess.confidence < 0.75
    assert guess.source == "sound"
    assert sum(role_from_sound(heard)[role] for role in PROFILES) == pytest.approx(1.0)


def test_name_and_sound_agreeing_are_surer_than_contradicting(track):
    kick, hat = (listen(track("", i).audio, 44_100) for i in ("kick", "hihat"))
    agreeing, contradicting = guess_role(Track("Kick"), kick), guess_role(Track("Kick"), hat)
    assert agreeing.role.name == contradicting.role.name == "kick"
    assert agreeing.confidence > 0.85
    assert contradicting.confidence < 0.6


def test_the_sound_decides_between_what_a_name_leaves_open(track):
    kick, hat = (listen(track("", i).audio, 44_100) for i in ("bass", "hihat"))
    assert guess_role(Track("bass perc"), kick).role.name == "bass"
    assert guess_role(Track("bass perc"), hat).role.name == "percussion"


def test_the_user_wins(track):
    heard = listen(track("", "kick").audio, 44_100)
    guess = guess_role(Track("Kick", role="lead vocal"), heard)
    assert (guess.role.name, guess.confidence, guess.source) == ("lead vocal", 1.0, "user")
    assert guess_role(Track("Kick", role="bgv"), heard).role.name == "backing vocal"
    with pytest.raises(ValueError, match="'Kick': unknown role 'zzz'"):
        guess_role(Track("Kick", role="zzz"), heard)


def test_a_silent_track_keeps_its_name():
    guess = guess_role(Track("Snare"), SILENT)
    assert (guess.role.name, guess.source) == ("snare", "name")
    assert 0.3 < guess.confidence < 0.9
