"""Images as lists: the gallery, search, and what programs list.

Uses `images`. Reads only.
"""
