"""People: accounts, passwords, sessions, invitations and the limits of signing in.

Uses no other service.
"""
