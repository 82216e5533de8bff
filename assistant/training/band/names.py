"""What engineers write on tracks: names per role, some of them of no help."""

from __future__ import annotations

import numpy as np

NAMES: dict[str, str] = {
    "kick": "Kick|Kick In|kick|BD|Kik|01_Kick|Kick 909|Bass Drum",
    "snare": "Snare|Snare Top|SN|snr|Sn Top|02_Snare|SD",
    "clap": "Clap|claps|Clp|Handclap|Clap 1",
    "hihat": "HiHat|HH|Hat|hats|Hi Hat|Closed Hat|hihat_01",
    "cymbal": "Cymbals|Crash|Ride|cym|Crash L",
    "toms": "Toms|Tom|Rack Tom|Floor Tom|tom 1",
    "percussion": "Perc|Shaker|Tamb|Congas|perc loop|Percussion|Bongos|Cowbell",
    "drum loop": "Drum Loop|Drums|Beat|drums_loop|Breakbeat|Loop 1|DRUMS",
    "overheads": "OH|Overheads|OH Stereo|Overhead|Drum OH",
    "drum room": "Room|Drum Room|rm mics|Room Far|DR Room",
    "bass": "Bass|Bass DI|bass gtr|BASS|Bs Amp|Synth Bass|e bass",
    "sub bass": "Sub|Sub Bass|808|sub_bass|808 Bass",
    "lead vocal": "Lead Vox|Ld Vox|Vox|LV|Lead Vocal|vocals|Main Vox|Voc",
    "backing vocal": "BGV|bv|BG Vox|Backing Vox|Harmony|Harm|Oohs|Choir|Vox Dbl|Adlibs",
    "acoustic guitar": "Acoustic|Ac Gtr|AGTR|acoustic gtr|Ac Gtr DI|Nylon|Steel String",
    "electric guitar": "EGtr|Gtr|gtr|Elec Gtr|Rhythm Gtr|Guitar|Clean Gtr|Dist Gtr",
    "lead guitar": "Lead Gtr|Gtr Solo|lead gtr|Solo Guitar",
    "piano": "Piano|Pno|PIANO|Grand Piano|piano_main",
    "keys": "Keys|Rhodes|Wurli|EP|keys 1|Clav|E Piano",
    "organ": "Organ|B3|Hammond|org|Organ Leslie",
    "mallets": "Vibes|Glock|Marimba|Bells|Xylophone|Kalimba",
    "strings": "Strings|Strgs|Violins|Vln|Cello|Str Section|Viola|Orch Strings",
    "brass": "Brass|Horns|Trumpet|Tpt|Trombone|Horn Section|Tbn",
    "woodwind": "Sax|Flute|Clarinet|Tenor Sax|Oboe|Fl|Alto",
    "pad": "Pad|Warm Pad|pad 1|Synth Pad|Atmo|PAD",
    "lead synth": "Lead Synth|Syn Lead|Saw Lead|Synth Lead|Hook",
    "pluck": "Pluck|plk|Pluck 1|Synth Pluck|PLUCK",
    "arp": "Arp|arp 1|ARP|Arpeggio|Sequence",
    "stab": "Stab|Stabs|Chord Stab|Synth Stab|Hits",
    "synth": "Synth|Syn|Juno|synth 2|Saw|Poly Synth|Prophet",
    "fx": "FX|SFX|Impact|Noise|fx 1|Ambience|Vinyl|Effects",
    "riser": "Riser|Sweep|Uplifter|riser 1|Swell|Build",
    "other": "Texture|Misc|Field Rec|Found Sound|Various",
}
UNHELPFUL = ("Audio {}", "Track {}", "untitled {}", "bounce_{}", "Inst {}", "{:02d}", "rec{}", "Audio {}.dup1")
_UNHELPFUL_CHANCE = 0.07


def write_name(role: str, taken: set[str], rng: np.random.Generator, wanted: str = "") -> str:
    """A name for a track of ``role`` that is not in ``taken``; ``wanted`` where the session has its own idea."""
    if rng.random() < _UNHELPFUL_CHANCE:
        return _free(str(rng.choice(UNHELPFUL)).format(int(rng.integers(1, 40))), taken)
    options = NAMES[role].split("|")
    return _free(wanted or options[rng.integers(len(options))], taken)


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free
