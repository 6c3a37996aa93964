"""The grammar of the search box: text to a tree with positions, and sentences about what could not be understood.

It may use the terms and nothing else: it knows no database and nobody who asks. What a field means is said in
`services/library/meanings.py`.
"""

from pindeck.search.colours import NAMED
from pindeck.search.fields import FIELDS, MOST_LIKE, Field, Kind
from pindeck.search.parsing import MOST_CHARACTERS, Parsed, parse
from pindeck.search.parts import Part, parts
from pindeck.search.tree import All, Node, Not, Phrase, Problem, Some, Term, Words
from pindeck.search.values import Age, Colour, Days, Range

__all__ = [
    "FIELDS", "MOST_CHARACTERS", "MOST_LIKE", "NAMED", "Age", "All", "Colour", "Days", "Field", "Kind", "Node", "Not", "Parsed", "Part", "Phrase", "Problem",
    "Range", "Some", "Term", "Words", "parse", "parts",
]  # fmt: skip
