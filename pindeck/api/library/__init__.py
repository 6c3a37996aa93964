"""The gallery's operations, with bare JSON values as answers. It may use the machinery of operations and services."""
