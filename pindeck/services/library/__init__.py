"""Images as lists: the one query with its filters, the gallery, search, and what programs list. Reads only.

It may use `images`.
"""
