"""Starts, watches and stops everything `pindeck up` runs, and the threads of the web server.

It may use everything below it but the pages and operations, which it starts.
"""
