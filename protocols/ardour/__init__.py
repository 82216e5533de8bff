"""Ardour: its OSC, its session files, its plug-ins and actions."""
