"""REAPER over OSC, as its default pattern configuration speaks it."""
