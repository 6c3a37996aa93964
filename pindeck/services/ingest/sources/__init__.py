"""Places that pictures come from again and again: what they are, how they are read, and what became of what was found.

It may use the rest of `ingest` and what is below; only `reading` and what it calls go out to other sites.
"""
