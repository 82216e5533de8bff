"""What is drawn. A view receives its model and emits what was asked of it; it knows no protocol and computes no audio."""
