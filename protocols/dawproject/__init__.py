"""DAWproject files: how Bitwig Studio, Studio One and Cubase hand a project on, read and written.

Source: the format's schema and reference, version 1.0 (Bitwig, MIT licence). A ``.dawproject`` is a zip of a
``project.xml`` and the audio it plays. Contents: :func:`.reading.read_dawproject`, :func:`.writing.write_dawproject`,
:func:`.updating.update_dawproject`; ``package`` and ``document`` let nothing hostile in, ``structure``, ``timeline``
and ``devices`` know the format, ``units`` its numbers.
"""
