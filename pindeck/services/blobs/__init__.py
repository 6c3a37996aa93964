"""Bytes by their hash: rows, signed addresses, staging, room, deletion and healing.

It may use storage, models and the database, and no other service but `activity`.
"""
