"""The doors: routes, status codes, pages and fragments."""
