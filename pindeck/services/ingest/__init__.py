"""How pictures come in: uploads of people and programs, tickets, folders, addresses of the web.

It may use `files`, `library`, `images`, `jobs`, `clients` and `blobs`.
"""
