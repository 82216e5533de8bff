"""The source for a translation of the window: ``python -m gui.translation_source LANGUAGE`` writes or renews it.

It gathers every text of ``gui/`` and of the assistant's tables into ``gui/translations/mixassist_LANGUAGE.ts``, keeping
what is translated there already. Qt Linguist edits it; ``lrelease`` makes the ``.qm`` of it that the window loads.

Contents: :func:`catalogue_texts`, :func:`write_source`.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from assistant.decisions import PARTS
from assistant.engineers.catalogue import ENGINEER_SUMMARIES
from assistant.engineers.role_table import FAMILIES, ROLES
from assistant.params import BY_NAME
from assistant.refinement.catalogue import GOAL_SUMMARIES
from gui.translating import TRANSLATIONS

_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


def catalogue_texts() -> tuple[str, ...]:
    """The texts of the assistant's tables that the window shows, each once."""
    return tuple(
        dict.fromkeys(
            (
                *ENGINEER_SUMMARIES.values(),
                *GOAL_SUMMARIES.values(),
                *(role.name for role in ROLES),
                *FAMILIES,
                *(label for label, _ in PARTS.values()),
                *(param.label for param in BY_NAME.values()),
                "Amount",
            )
        )
    )


def write_source(language: str, folder: Path = TRANSLATIONS) -> Path:
    """Write or renew the source for ``language``, such as "de" or "pt_BR"; returns the file.

    Raises ``ValueError`` for what is no language.
    """
    from PyQt6.lupdate.lupdate import lupdate  # a tool of its own, which no window needs

    if not _LANGUAGE.fullmatch(language):
        raise ValueError(f"language {language!r}: expected a code such as de or pt_BR")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"mixassist_{language}.ts"
    with tempfile.TemporaryDirectory() as own:
        tables = Path(own) / "catalogue.py"
        tables.write_text("".join(f'QT_TRANSLATE_NOOP("Catalogue", {text!r})\n' for text in catalogue_texts()))
        sources = sorted(str(path) for path in Path(__file__).parent.rglob("*.py"))
        lupdate([*sources, str(tables)], [str(file)], no_obsolete=True)
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language", help="a code such as de or pt_BR")
    print(f"wrote {write_source(parser.parse_args().language)}")  # noqa: T201


if __name__ == "__main__":
    main()
