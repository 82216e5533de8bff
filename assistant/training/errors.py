"""What goes wrong in training; a module of its own so that whoever catches it need not import torch."""

from __future__ import annotations


class TrainingError(Exception):
    """Training that cannot begin or go on; the message says why and what to do."""
