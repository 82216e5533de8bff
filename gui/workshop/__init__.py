"""The workshop: listening, proposing, proving and rendering in a process of their own, and the way to it. Knows no Qt."""
