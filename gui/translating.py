"""The window's language: a translation of the system's language, where there is one; English else.

Translations lie in ``gui/translations`` as ``mixassist_<language>.qm``, such as ``mixassist_de.qm``. Texts are marked
by ``tr`` and ``QCoreApplication.translate`` with the class name as context; texts of the assistant's tables (engineers,
goals, roles, parameters, parts) have the context "Catalogue".

Contents: :func:`install_translator`, :func:`table_text`, :func:`in_english`.
"""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

TRANSLATIONS = Path(__file__).parent / "translations"


def install_translator(
    app: QCoreApplication, locale: QLocale | None = None, folder: Path = TRANSLATIONS
) -> tuple[QTranslator, ...]:
    """Install what there is for ``locale`` (the system's): our texts, and with them Qt's own; empty where none is."""
    wanted = locale or QLocale.system()
    ours = QTranslator(app)
    if not folder.is_dir() or not ours.load(wanted, "mixassist", "_", str(folder)):
        return ()
    found = [ours]
    qts = QTranslator(app)
    if qts.load(wanted, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        found.append(qts)
    for translator in found:
        app.installTranslator(translator)
    return tuple(found)


def table_text(text: str) -> str:
    """A text of one of the assistant's tables in the window's language."""
    return QCoreApplication.translate("Catalogue", text)


def in_english(text: str, count: int) -> str:
    """A text with a number and ``(s)`` in it that nobody has translated."""
    return text.replace("(s)", "" if count == 1 else "s")
