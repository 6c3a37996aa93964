"""What is made of an original: sizes, crops, and their delivery.

Uses `files`, `images` and `blobs`.
"""
