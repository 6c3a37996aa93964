"""What people did, kept so that it can be taken back: the log of actions, and the one undo.

It uses tables, permissions and the activity trail, and knows no kind of step: who changes pictures writes steps here,
and hands in how each kind is taken back.
"""
