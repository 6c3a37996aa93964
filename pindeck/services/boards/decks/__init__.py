"""Decks: pages made of blocks, to present what a board has chosen. A deck has an owner and people who edit it, as a board has.

It may use boards, the domain of images, the log of actions, and what is below.
"""
