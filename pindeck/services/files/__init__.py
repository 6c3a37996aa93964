"""Stored files of any kind: records, arrival and deletion.

It may use `images`, `blobs` and `clients`.
"""
