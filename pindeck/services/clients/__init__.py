"""Programs: clients, their keys, and requests that may be sent twice.

Uses `accounts`.
"""
