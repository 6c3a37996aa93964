"""People: accounts, passwords, sessions, invitations and the limits of signing in.

It may use no other service but `activity`.
"""
