"""Pictures that extensions keep for a user. It may use the machinery of operations and services."""
