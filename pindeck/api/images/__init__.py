"""Images by id or alias: the documented image management API. It may use the machinery of operations and services."""
