"""The differentiable console: the PyTorch twin of the Faust channel strip, reverb bus and master gain.

Conventions: axes are B sessions, N tracks, C channels, T samples, P parameters; audio is ``(B, N, C, T)`` with C 1 or
2; settings are tensors in physical units, ``(B, N, P)`` with columns in the order of the parameter table and found by
name. Inside, the channels that exist are a flat list of *signals* ``(S, T)`` belonging to R *rows* (tracks that are
not padding), so that padding and the missing half of mono tracks cost nothing.

Contents: ``parameters`` (settings <-> tensors <-> 0..1), ``equaliser``, ``compressor`` and ``panning`` (the
sections), ``channel`` (the strip), ``reverb`` (the bus), ``console`` (the mix). ``*_kernel``: the compiled loops.
"""
