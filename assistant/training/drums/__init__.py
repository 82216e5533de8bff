"""Multi-microphone drum kits and one consistent engineer: the first task of Steinmetz 2020 (thesis, chapter 5).

The thesis learns gain and pan from the ENST-drums recordings and their engineer's mixes. Here the kits are made:
``pieces`` (synthesised strokes), ``oneshots`` (recorded ones), ``groove`` (who plays when), ``kit`` (what is there,
where it stands, what is miked), ``microphones`` (what each hears), ``evidence`` and ``engineer`` (what the engineer
listens for, and the rules it goes by), ``example`` (all of it behind :func:`make_drum_example`).
"""

from assistant.training.drums.example import DrumExample, make_drum_example

__all__ = ["DrumExample", "make_drum_example"]
