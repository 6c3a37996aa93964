"""The canvas of a board: pictures, notes, swatches and arrows on an endless plane. Who edits a board edits its canvas.

It may use boards, the log of actions, and what is below.
"""
