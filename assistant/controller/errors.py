"""What can be wrong with the controller before it has heard anything; nothing heavy, so that any part may catch it."""

from __future__ import annotations


class WeightsError(ValueError):
    """Weights that cannot be used; the message names the file, what is wrong with it and what to do."""
