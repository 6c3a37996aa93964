"""Images by id or alias: the documented image management API."""
