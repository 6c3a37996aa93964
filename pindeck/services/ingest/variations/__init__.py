"""Variations as they are made, one after another, and stored as uploads are.

It may use what `ingest` may; who may ask for them and how they end is in `images.variations`.
"""
