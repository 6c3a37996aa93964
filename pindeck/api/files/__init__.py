"""Files of any kind. It may use the machinery of operations and services."""
