"""Audio files in and out: reading any stem a DAW exports, writing mixes and stems that cannot be half there."""
