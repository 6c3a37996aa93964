"""Bytes by their hash: rows, signed addresses, staging, room, deletion and healing.

Uses storage, models and the database; no other service.
"""
