"""The page's script and style, whole: Plotly, our drawing, and the style sheet beside this file."""

from __future__ import annotations

from importlib.resources import files

from plotly.offline import get_plotlyjs

#: Nothing on the page may come from elsewhere, whatever a track is called.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def style_html() -> str:
    """The style sheet as an element."""
    return f"<style>{_beside('page.css')}</style>"


def script_html() -> str:
    """Plotly and the drawing of the page's figures, as elements; they belong after all figures."""
    return f"<script>{get_plotlyjs()}</script><script>{_beside('page.js')}</script>"


def _beside(name: str) -> str:
    return files("assistant.report").joinpath(name).read_text(encoding="utf-8")
