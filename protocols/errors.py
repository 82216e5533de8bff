"""The one error of ``protocols/`` beside :class:`protocols.stems.SessionError`, which is about files."""


class ProtocolError(Exception):
    """A DAW that cannot be talked to as asked; the message says what was tried, and what to do."""
