"""Boards: pictures that belong together, in an order, with sections, notes, collaborators and a public link.

It may use `actions`. Who sees a picture decides `access`; a board shows nobody a picture that they may not see.
"""
