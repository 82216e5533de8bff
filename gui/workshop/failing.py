"""What the workshop tells of an exception: a sentence about the user's files, or a defect with its traceback."""

from __future__ import annotations

import traceback

from gui.workshop.channel import Kind

#: Errors whose message is meant for the user, by name: to import them all would bring along every heavy library.
KNOWN = {
    ("assistant.audio.formats", "AudioError"),
    ("assistant.cli.outputs", "OutputError"),
    ("assistant.controller.errors", "WeightsError"),
    ("assistant.mix", "MixFormatError"),
    ("gui.workshop.errors", "WorkshopError"),
    ("protocols.errors", "ProtocolError"),
    ("protocols.stems", "SessionError"),
    ("render.engine", "RenderError"),
}


def failure(error: BaseException) -> tuple[Kind, str, str]:
    """What became of a call that raised: the kind of the answer, the message for the user, and the traceback."""
    detail = "".join(traceback.format_exception(error))
    if isinstance(error, MemoryError):
        return Kind.FAILED, "out of memory; close other programs, or mix fewer or shorter tracks", detail
    if any((kind.__module__, kind.__qualname__) in KNOWN for kind in type(error).__mro__):
        return Kind.FAILED, str(error), detail
    if isinstance(error, OSError):
        return Kind.FAILED, f"{error.filename or 'the system refused'}: {error.strerror or error}", detail
    return Kind.DEFECT, f"a defect of mixassist, not of your files: {type(error).__name__}: {error}", detail
