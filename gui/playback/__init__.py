"""What is listened to: tiles of several versions of one song, played without a click. Knows no Qt."""
