"""Rendering with DawDreamer: the Faust console and the offline engine."""
