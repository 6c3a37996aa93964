"""Variations: asking for them, and how their runs end. Making and storing them is in `ingest.variations`.

It may use what `images` may. A run is one row in `generation`, and its status says what may still happen to it.
"""
