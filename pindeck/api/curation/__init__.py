"""Operations on many images at once: copies, likeness, places, changes, tags."""
