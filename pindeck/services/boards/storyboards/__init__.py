"""Storyboards: the pictures of a board in frames, as shots in an order. Who edits a board edits its storyboards.

It may use boards, the domain of images, the log of actions, and what is below.
"""
