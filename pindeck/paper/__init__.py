"""Pages that are printed: PDF with real letters of each script that one of our fonts has.

Loaded in jobs alone. It may use imaging and what is below, and knows neither tables nor who reads.
"""
