"""What is made of an original: sizes, crops, and their delivery.

It may use `files`, `images` and `blobs`.
"""
