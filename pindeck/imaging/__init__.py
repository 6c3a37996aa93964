"""Pictures: bytes in, bytes out. Nothing here imports Pillow; import the submodule you need.

It may use settings and errors, and knows no table and no store.
"""
