"""The doors that are no API, through a client."""
