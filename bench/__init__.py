"""Measures Pindeck beside small programs that do the same work with nothing around it."""
