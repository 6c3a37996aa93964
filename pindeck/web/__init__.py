"""The HTML door: one blueprint per area. Routes read the request, call one service, choose a template.

It may use `http`, services and what is below, and does not know the API.
"""
