"""How many calls a program may make: a bucket each for reads, writes and uploads (decision 51)."""


def spend(bucket: str) -> None:
    """Count one call of whoever is asking. Raises TooMany when the bucket is empty."""
