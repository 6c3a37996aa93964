"""Discord from outside: what messages look like, and how they are sent. It knows no picture and no person of ours.

It may use the settings, the errors and plain tools, and nothing above them.
"""
