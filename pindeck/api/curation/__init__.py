"""Operations on many images at once: copies, likeness, places, changes and tags.

It may use the machinery of operations and services.
"""
