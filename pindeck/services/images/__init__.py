"""One image: its words and their history, names, projects, status, visibility, trash, and what is undone.

It may use `actions`, `blobs`, `boards` (whose acts are undone here as well) and `clients`.
"""
