"""Use cases: one function each, verb first, actor first. No request, no HTML, no Redis in here."""
