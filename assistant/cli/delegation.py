"""What was delegated of the session at hand: the mandate and the mix before, and what becomes of a proposal."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.audio.formats import printable
from assistant.automation import apply, check_same_tracks, neutral_mix, suggest
from assistant.cli.automation import RESTRICTIONS
from assistant.mandate import GROUPS, Automation, Locked, Mandate, mandate_sentences, params_called
from assistant.mix import ChannelMix, Mix, unknown_name_text
from protocols.mixfile import read_mix_alone
from protocols.stems import SessionError

if TYPE_CHECKING:  # it brings rich along
    from assistant.cli.terminal import Audience, Terminal

_MOST_NAMES = 8


@dataclass(frozen=True)
class Delegation:
    """A mandate for one session, and the mix before; ``before`` None where every strip is neutral."""

    mandate: Mandate
    before: Mix | None

    @property
    def is_read_only(self) -> bool:
        """Whether nothing is changed at all."""
        return self.mandate.level is Automation.INSIGHTIVE

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is delegated; empty where that is everything."""
        sentences = mandate_sentences(self.mandate)
        return sentences if len(sentences) > 1 or self.is_read_only else ()

    def delegated(self, proposal: Mix) -> Mix:
        """``proposal`` with everything that may not change as it was before: what a refinement begins with."""
        before = self.before_of(proposal)
        return apply(before, proposal, suggest(before, proposal, self.mandate.in_full()))

    def proposed(self, proposal: Mix, audience: Audience) -> Mix:
        """What would be made of ``proposal`` if nobody else decided; what was delegated is said.

        At suggestive that is all that is suggested: the file it goes into is for the user to decide on.
        """
        before = self.before_of(proposal)
        whoever_decides = replace(self.mandate, level=Automation.INDEPENDENT)
        proposed = apply(before, proposal, suggest(before, proposal, whoever_decides))
        self._show(before, proposed, audience)
        return proposed

    def made(self, proposed: Mix, terminal: Terminal) -> Mix:
        """``proposed`` itself; where nothing may be changed it is shown, and the mix stays as it was."""
        if not self.is_read_only:
            return proposed
        from assistant.cli.summary import show_mix  # brings the meters along

        show_mix(proposed, terminal)
        terminal.result("\nNothing of this is done: the mix stays as it is.\n")
        return self.done(proposed)

    def done(self, proposed: Mix) -> Mix:
        """``proposed`` itself, or the mix before where nothing may be changed."""
        return self.before_of(proposed) if self.is_read_only else proposed

    def before_of(self, proposal: Mix) -> Mix:
        """The mix before, with the channels of ``proposal`` in their order."""
        if self.before is None:
            return neutral_mix(proposal)
        return replace(self.before, channels=tuple(self.before.channel(c.name) for c in proposal.channels))

    def _show(self, before: Mix, after: Mix, audience: Audience) -> None:
        if not self.sentences:
            return
        first, *restrictions = self.sentences
        audience.result(f"{first[0].upper()}{first[1:]}")
        same = [c.name for c in after.channels if c.settings == before.channel(c.name).settings]
        names = ", ".join(same) if len(same) <= _MOST_NAMES else f"{len(same)} of {len(after.channels)} tracks"
        for sentence in (*restrictions, *([f"unchanged: {names}"] if same else [])):
            audience.paragraph(printable(sentence))
        audience.result("")


def read_delegation(args: Namespace, names: Collection[str], before: Mix | None = None) -> Delegation:
    """What ``args`` delegate of the tracks called ``names``; ``before`` where they do not name the mix before.

    Raises :class:`SessionError` for unknown tracks and a senseless before.
    """
    try:
        mandate = _mandate(args, names)
        mandate.check_tracks(names)
    except ValueError as error:
        raise SessionError(str(error)) from error
    if args.before is not None:
        before = read_before(args.before, names, skips=getattr(args, "skip_broken", False))
    return Delegation(mandate, before)


def _mandate(args: Namespace, names: Collection[str]) -> Mandate:
    locked = [_locked(text, names) for given in args.lock or () for text in _listed(given, names)]
    tracks = [text for given in args.tracks or () for text in _listed(given, names)]
    amounts = dict(args.amount or ())
    is_narrowed = args.default_automation is Automation.AUTOMATIC and any(getattr(args, n) for n in RESTRICTIONS)
    return Mandate(
        args.automation or (Automation.INDEPENDENT if is_narrowed else args.default_automation),
        None if args.only is None else frozenset(args.only),
        frozenset(tracks) if tracks else None,
        frozenset(name for name, part in locked if not part),
        frozenset(_locked_part(name, part) for name, part in locked if part),
        dict(args.limit or ()),
        {name: amount for name, amount in amounts.items() if name},
        amounts.get("", 1.0),
        args.focus,
    )


def _locked_part(track: str, part: str) -> Locked:
    return (track, part) if track else part


def _locked(text: str, names: Collection[str]) -> tuple[str, str]:
    """What ``--lock`` names: a track, a part, or both; empty what it does not."""
    if text in names:
        return text, ""
    if _is_part(text):
        return "", text
    track, colon, part = text.rpartition(":")
    if colon:
        if track not in names:
            raise ValueError(unknown_name_text("track", track, set(names)))
        params_called(part)
        return track, part
    raise ValueError(unknown_name_text("track or part", text, {*names, *GROUPS}))


def _is_part(text: str) -> bool:
    try:
        return bool(params_called(text))
    except ValueError:
        return False


def _listed(text: str, names: Collection[str]) -> Iterable[str]:
    """The names in ``text``, separated by commas, unless a track is called so."""
    if text in names or text.rpartition(":")[0] in names:
        return [text]
    return [part.strip() for part in text.split(",") if part.strip()]


def read_before(file: Path, names: Collection[str], *, skips: bool) -> Mix:
    """The mix in ``file``; where tracks may be left out, without those that are not among ``names``."""
    try:
        mix, _ = read_mix_alone(file)
        if skips:
            mix = replace(mix, channels=tuple(c for c in mix.channels if c.name in names))
        check_same_tracks(mix, Mix(tuple(ChannelMix(name) for name in names)))
    except SessionError as error:
        raise SessionError(f"{error}; --before is a saved mix") from error
    except ValueError as error:
        raise SessionError(f"{printable(file)}: {error}") from error
    return mix
