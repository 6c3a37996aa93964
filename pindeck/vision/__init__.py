"""Describing a picture in film terms. `offline` reads what the file itself tells; providers come later."""
