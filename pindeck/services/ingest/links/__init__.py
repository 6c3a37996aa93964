"""An address that a person gives: what lies there is looked at, shown to choose from, and brought in.

It may use `sources` and the rest of `ingest`, and what is below; only `seeing` goes out to other sites.
"""
