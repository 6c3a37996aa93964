"""Pictures that extensions keep for a user."""
