"""What the window shows and changes, as Qt knows it: the document, its strips, the player, the DAW, the preferences."""
