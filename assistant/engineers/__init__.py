"""Engineers: whatever proposes a mix for a session, behind one interface (see ``interface``)."""
