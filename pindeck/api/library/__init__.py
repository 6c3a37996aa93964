"""The gallery's operations, with bare JSON values as answers."""
