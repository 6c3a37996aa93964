"""The way out: a backup as a folder, a restore from it, a move to another database and store. It may use `images`.

`rows` speaks to either database by its catalogue, `objects` copies bytes and proves them, `archive` is the
folder; `take`, `load` and `move` are the three commands.
"""

from pindeck.services.backup.load import restore
from pindeck.services.backup.move import move
from pindeck.services.backup.objects import Fault
from pindeck.services.backup.report import Report
from pindeck.services.backup.take import backup

__all__ = ["Fault", "Report", "backup", "move", "restore"]
