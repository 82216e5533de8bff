"""Training: data whose right mix is known, and the loops that learn from it."""
