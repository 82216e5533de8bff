"""The workshop: a process that listens, proposes, proves and renders, and the way to it. Nothing here knows Qt."""
