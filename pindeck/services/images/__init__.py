"""One image: its words and their history, names, projects, status, visibility, trash, and what is undone.

It may use `actions`, `blobs` and `clients`.
"""
