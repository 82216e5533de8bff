"""Meters: what a track or a mix measures, as pure functions of its audio.

Audio is float ``(C, T)``, C 1 or 2, with full scale at 1.0; ``sample_rate`` is integer Hz.

- ``levels``: the checked input, decibels, and the sums every level meter starts from.
- ``loudness``: momentary, short-term and integrated loudness and loudness range (ITU-R BS.1770-5, EBU Tech 3341, 3342).
- ``peaks``: sample peak, true peak, crest factor.
- ``spectrum``: third-octave levels.
- ``stereo``: correlation, width, balance.
- ``masking``: how much of each track's energy the others cover, by an auditory model.
- ``curves``: what an equaliser's and a compressor's settings do, without meters.
- ``measure``: all of them at once, as one table of metrics.
"""
