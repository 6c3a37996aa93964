"""Tables as classes. The schema itself, with its constraints, is in `migrations/`.

They may use the database and the states. A model is named in its module alone, and is found here as well.
"""

from pindeck.models.accounts import *
from pindeck.models.activity import *
from pindeck.models.boards import *
from pindeck.models.canvas import *
from pindeck.models.clients import *
from pindeck.models.decks import *
from pindeck.models.discord import *
from pindeck.models.files import *
from pindeck.models.images import *
from pindeck.models.outgoing import *
from pindeck.models.projects import *
from pindeck.models.proposals import *
from pindeck.models.searches import *
from pindeck.models.sources import *
from pindeck.models.storyboards import *
from pindeck.models.tag_rules import *
from pindeck.models.twins import *
