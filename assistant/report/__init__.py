"""What a mix says of itself: settings in an engineer's words, tables for the terminal, the report page."""
