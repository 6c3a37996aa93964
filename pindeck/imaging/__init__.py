"""Pictures: bytes in, bytes out. Nothing here imports Pillow; import the submodule you need."""
