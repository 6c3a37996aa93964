"""Use cases: one function each, verb first, actor first. No request, no HTML, no Redis in here.

One package a domain; `tests/test_floors.py` holds which may use which. All may use `access`, models and the tools below.
"""
