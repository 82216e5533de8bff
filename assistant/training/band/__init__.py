"""A procedural band: endless synthetic multitrack sessions whose roles are known, to train a mixing controller on.

Conventions: a *song* is harmony, tempo and sections; a *part* is one track's instrument and name; *notes* lie on a time
line of beats. Every random choice comes out of a stream named after what it decides (:func:`~assistant.training.band.
song.stream`), so one seed always gives one session.

Contents: ``song`` and ``genres`` (what is played), ``figures`` and ``drums`` (notes), ``instruments``, ``casting`` and
``names`` (who plays), ``soundfont``, ``sampler``, ``synthesis``, ``electronic_drums``, ``effects`` and ``voice`` (the
sounds), ``colour`` (what makes them raw recordings), ``session`` (all of it together), ``sources`` (licences).
"""

from assistant.training.band.session import compose_session
from assistant.training.band.sources import SOURCES, TrainingToolError

__all__ = ["SOURCES", "TrainingToolError", "compose_session"]
