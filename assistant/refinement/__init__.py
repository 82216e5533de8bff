"""Refinement: gradient steps through the differentiable console from any proposal towards explicit, named goals.

Contents: ``catalogue`` (the goals' names in words, nothing heavy), ``targets`` (what finished music measures),
``passages`` (what is listened to), ``rendering`` (settings to band levels), ``goals`` (band levels to losses),
``trust`` (which settings may move, and how far), ``descent`` (the steps), ``wording`` (what was done, in sentences) and
``refine`` (all of it together).
"""
