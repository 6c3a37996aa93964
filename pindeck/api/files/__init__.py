"""Files of any kind."""
