"""What engineers call things: the words for each role in track names, in lower case and without accents.

One comma-separated list per role; several words must follow each other; ``?`` marks a word that only hints at the
role. English first, then German, French and Spanish.
"""

from __future__ import annotations

ALIASES: dict[str, str] = {
    "kick": (
        "kick, kik, kck, kic, kd, bd, k?, bass drum, bassdrum, kick in, kick out, kick sub, 909 kick, 808 kick, sub "
        "kick, trigger kick, grosse trommel, basstrommel, grosse caisse, bombo"
    ),
    "snare": (
        "snare, snr, sn, sd, snare drum, snare top, snare bottom, sn top, sn bot, rimshot, rim, sidestick, side "
        "stick, kleine trommel, caisse claire, caja, tarola, redoblante"
    ),
    "clap": "clap, clp, handclap, snap, finger snap, klatschen, klatscher, palmas",
    "hihat": "hihat, hi hat, hh, hat, hat closed, hat open, chh, ohh, closed hat, open hat, charley, charleston",
    "cymbal": "cymbal, cym, crash, ride, splash, china, becken, cymbale, platillo",
    "toms": (
        "tom, rack tom, floor tom, tom tom, rack?, floor?, ftom, rtom, hi tom, mid tom, low tom, hangetom, "
        "standtom, goliat"
    ),
    "percussion": (
        "perc, prc, percussion, top?, top loop, shaker, shk, tamb, tambourine, tambo, conga, bongo, cowbell, "
        "cabasa, guiro, triangle, tabla, cajon, djembe, timbale, woodblock, clave, maraca, castanet, udu, timpani, "
        "perkussion, schellenkranz, rassel, pandereta"
    ),
    "drum loop": (
        "drum, dr?, drm?, drum loop, drum bus, drum kit, drum main, kit?, loop?, beat, breakbeat, break beat, "
        "break?, brk?, drum machine, groove?, 909?, linndrum, schlagzeug, batterie, bateria, rhythm?"
    ),
    "overheads": "overhead, over head, oh, ohl, ohr, oh l, oh r, drum overhead, ovh",
    "drum room": "drum room, room?, rm?, drum amb, drum crush, kit room, raum?, glyn johns",
    "bass": (
        "bass, bs, bass di, bass amp, bass gtr, bass guitar, bassgtr, upright, upright bass, double bass, "
        "contrabass, synth bass, sy bass, syn bass, reese, moog bass, acid bass, kontrabass, basse, contrebasse, "
        "bajo, contrabajo, bass stab"
    ),
    "sub bass": "sub, sub bass, subbass, 808, 808 bass, 808 sub",
    "lead vocal": (
        "vox, vocal, voc, vx, vocalist, lead vox, lead vocal, lead voc, ld vox, ld voc, ldvox, lv, main vox, main "
        "vocal, vox main, singer, voice, rap?, lead?, gesang, stimme, voix, chant?, voz, canto?, lead voice, vox "
        "ld, vox lead, vocal lead"
    ),
    "backing vocal": (
        "bgv, bv, bgvox, bvox, bgvoc, bkg vox, bg vox, bg voc, bg vocal, bgv vox, backing, backing vox, backing "
        "vocal, background vocal, back vox, back voc, back vocal, choir, chorus?, choral, gang, gang vox, harmony, "
        "harm, adlib, ad lib, ooh, aah, ahh, oohs, double vox, vox dbl, vox double, vox echo, vox fx, vocal fx, vox "
        "harm, chor, hintergrundgesang, choeur, coro, crowd vox, whisper, vox chop, vocal chop"
    ),
    "acoustic guitar": (
        "acoustic guitar, agtr, ac gtr, acgtr, a gtr, acoustic, acou, aco gtr, acc gtr, acoustic gtr, nylon, steel "
        "string, classical guitar, ukulele, uke, mandolin, banjo, bouzouki, 12 string, akustik, akustikgitarre, "
        "westerngitarre, guitare acoustique, guitarra acustica, guitarra espanola"
    ),
    "electric guitar": (
        "guitar, gtr, gt, gtrs, egtr, e gtr, elec gtr, el gtr, elgtr, ele gtr, electric guitar, egit, dist gtr, "
        "clean gtr, rhy gtr, rhythm gtr, rhythm guitar, strat, tele, les paul, twang, power chord, git, gitarre, e "
        "gitarre, egitarre, guitare, guitarra, guit, wah, pedal steel, slide guitar, lap steel"
    ),
    "lead guitar": "lead gtr, lead guitar, ld gtr, gtr lead, gtr solo, guitar solo, solo gtr, solo guitar, guitar lead",
    "piano": "piano, pno, pf, grand, grand piano, upright piano, pianoforte, klavier, fluegel, flugel",
    "keys": (
        "key, kbd, keyboard, rhodes, rhds, wurli, wurlitzer, wurly, epiano, e piano, ep, electric piano, clav, "
        "clavi, clavinet, harpsichord, celesta, dx, tasten, clavier, teclado, accordion, akkordeon, acordeon"
    ),
    "organ": "organ, org, hammond, hamm, b3, leslie, orgel, orgue, organo",
    "mallets": "mallet, marimba, vibe, vibraphone, vibraphon, xylophone, glockenspiel, glock, kalimba, bell, steelpan",
    "strings": (
        "string, strg, str, stg, violin, vln, vl?, viola, vla, cello, vc, orchestra, orch, ensemble?, quartet, "
        "harp, fiddle, pizz, streicher, geige, bratsche, corde, violon, violoncelle, cuerda, violonchelo"
    ),
    "brass": (
        "brass, horn, trumpet, tpt, trp, trombone, tbn, tuba, flugelhorn, french horn, blaser, blaeser, trompete, "
        "posaune, cuivre, trompette, metales, trompeta"
    ),
    "woodwind": (
        "sax, saxophone, alto, tenor sax, alto sax, bari sax, soprano sax, flute, flt, clarinet, clar, oboe, "
        "bassoon, woodwind, recorder, harmonica, saxophon, flote, querflote, klarinette, flauta, clarinete, saxo"
    ),
    "pad": "pad, atmo?, drone, soundscape, string pad, synth pad, warm pad, flache, nappe, texture?, echo pad",
    "lead synth": "lead synth, synth lead, syn lead, lead syn, saw lead, synth solo, hook, melody, melodie, melodia",
    "pluck": "pluck, plk, plucked",
    "arp": "arp, arpeggio, arpeggiator, sequence?, seq",
    "stab": "stab, chord, hit?, chord stab, synth stab, akkord",
    "synth": (
        "synth, syn, sy, synthesizer, moog, juno, minilogue, prophet, jupiter, saw, supersaw, wavetable, poly?, "
        "analog?, nord, synthetiseur, sintetizador, beep, blip, bleep"
    ),
    "fx": (
        "fx, sfx, efx, effect, effekt, effet, efecto, impact, boom, noise, foley, ambience, ambiance, amb?, "
        "atmosphere, vinyl, scratch, glitch?, echo?, reverse?, rev?, delay?, verb?, reverb?, sample?, transition, "
        "transistion, trans?, slide?, crowd, audience, applause, rain, wind?, microcosm, downlifter, drop?, "
        "stutter, laser, zap"
    ),
    "riser": (
        "riser, rise, sweep, swell, uplifter, build?, buildup?, build up, whoosh, swoosh, fill?, uplift, reverse sweep"
    ),
}
#: Words that make a backing vocal out of a vocal: a double, an effect or a syllable is not the lead.
BACKING_WORDS = (
    "aah, adlib, ahh, alt, bg, bk, bkg, chop, chops, dbl, delay, double, doubled, echo, effect, fx, glitch, harm, "
    "harmonies, harmony, hi, high, layer, low, oct, octave, ooh, oohs, rev, reverb, reverse, support, throw, verb, "
    "whisper, wide"
)
#: Words that stand in compounds with an instrument and say nothing about the role.
NEUTRAL_WORDS = "in, out, di, mic, amp, top, bot, solo, lead"
