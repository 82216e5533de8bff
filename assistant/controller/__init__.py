"""The controller: a permutation-invariant network that listens to all tracks and sets a console for each of them.

Contents: ``mel`` and ``evidence`` (what it hears), ``network`` (the model), ``weights`` (its files), ``staging`` (from
positions of controls to finished settings), ``engineer`` (the whole, behind the interface of all engineers).
"""
