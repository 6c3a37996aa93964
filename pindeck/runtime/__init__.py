"""Starts, watches and stops everything `pindeck up` runs."""
