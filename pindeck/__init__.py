"""Pindeck: a shared, dark, fast, image-first reference library."""

__version__ = "0.1.0"
