"""Programs: clients, their keys, in whose name a job works, and requests that may be sent twice.

It may use `accounts`.
"""
