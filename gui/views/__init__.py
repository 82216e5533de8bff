"""What is drawn: a view receives its model and emits what was asked of it. It knows no protocol, computes no audio."""
