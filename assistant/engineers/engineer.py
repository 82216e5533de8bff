"""What every engineer is: somebody who listens to a session once, and then decides as often as he is asked.

Contents: :class:`HeardSession`, :class:`Engineer`; whoever implements the latter inherits ``propose``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from assistant.engineers.hearing import NOTHING_SAID
from assistant.mix import Mix, Session
from assistant.tasks import IsCancelled, Progress


class HeardSession(Protocol):
    """A session that an engineer has listened to: to ask again costs no listening."""

    @property
    def torn(self) -> Mapping[str, tuple[str, float]]:
        """By name, the tracks that may well be something else: the second role and its probability 0..1.

        Empty where the engineer has no second thoughts; a track whose role the user gave is never in it.
        """

    def propose(self, without: Collection[str] = (), roles: Mapping[str, str] = NOTHING_SAID) -> Mix:
        """The mix of the session, to the last digit as :meth:`Engineer.propose` gives it.

        As if the tracks ``without`` had not been in the session, and as if the user had said ``roles`` (track name to
        role) of the others. Raises ``ValueError`` for a track or a role that does not exist.
        """


class Engineer(Protocol):
    """Anything that proposes a mix."""

    @property
    def name(self) -> str:
        """The name it is asked for by and signs its mixes with."""

    def listen(
        self,
        session: Session,
        progress: Progress = lambda share, what: None,
        is_cancelled: IsCancelled = lambda: False,
    ) -> HeardSession:
        """``session``, listened to; no audio is kept.

        ``progress(share, what)`` hears the share done 0..1, in the caller's thread. Raises
        :class:`assistant.tasks.Cancelled` once ``is_cancelled()`` is true, and whatever loading a track raises.
        """

    def propose(
        self,
        session: Session,
        progress: Progress = lambda share, what: None,
        is_cancelled: IsCancelled = lambda: False,
    ) -> Mix:
        """A mix with one channel per track of ``session``, in its order: what it proposes once it has listened.

        The master stays at 0 dB. Neither the tracks' order nor their level changes a setting, but for ``trim_db``; a
        silent track stays neutral. Raises what :meth:`listen` raises.
        """
        return self.listen(session, progress, is_cancelled).propose()
