"""How pictures come in: uploads of people and programs, tickets, folders, addresses of the web.

Uses `files`, `images` and what is below.
"""
