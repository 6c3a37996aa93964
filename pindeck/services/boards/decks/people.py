"""Who edits a deck besides its owner. It begins with the people of the board that it was made from."""

from pindeck.models import Deck, DeckPerson
from pindeck.services.actions.verbs import verb
from pindeck.services.boards.collaborators import Collaborators
from pindeck.services.boards.decks import decks

PEOPLE = Collaborators(
    "deck", Deck, DeckPerson, decks.locked, "deck.edit", "deck.share", verb("deck.people", "Changed who edits a deck")
)
KIND = PEOPLE.kind
add, remove, set_all, offered = PEOPLE.add, PEOPLE.remove, PEOPLE.set_all, PEOPLE.offered
of_deck, of_decks = PEOPLE.list_of, PEOPLE.of_many
