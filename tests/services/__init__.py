"""Services on both databases, through their public functions."""
