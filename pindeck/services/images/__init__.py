"""One image: its words and their history, names, projects, status, visibility, trash.

Uses `blobs`, `clients` and `accounts`.
"""
