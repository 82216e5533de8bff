"""Ableton Live over OSC, through the remote script AbletonOSC."""
