"""Stored files of any kind: records, arrival and deletion.

Uses `images`, `blobs` and `clients`.
"""
