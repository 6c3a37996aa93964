"""What people did, kept so that it can be taken back: the log of actions, and the one undo.

It may use tables, permissions and `activity`. It knows no kind of step: who changes pictures writes steps here, and
hands in how each kind is taken back.
"""
