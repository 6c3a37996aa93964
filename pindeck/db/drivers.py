"""peewee, with the driver of PostgreSQL loaded only where that is used.

peewee loads every driver that is installed, and psycopg takes as long as the rest of peewee: a third of the imports of
an installation on SQLite. So psycopg is out of sight while peewee is imported, and handed to it later where it is needed.
Whoever has loaded peewee or psycopg before has all of it already, and nothing here changes that.
"""

import importlib
import sys

_NAME = "psycopg"

if "peewee" not in sys.modules and _NAME not in sys.modules:
    sys.modules[_NAME] = None  # type: ignore[assignment]  # what Python itself says of a module that is not to be found
    try:
        import peewee
    finally:
        del sys.modules[_NAME]
else:
    import peewee


def load_postgres() -> None:
    """Give peewee psycopg, as its own import would have done. A second time changes nothing."""
    names = vars(peewee)
    if names["psycopg"] is not None:
        return
    status = importlib.import_module("psycopg.pq").TransactionStatus
    types = importlib.import_module("psycopg.types.json")
    adapter = names["Psycopg3Adapter"]
    adapter.txn_idle, adapter.txn_inerror, adapter.txn_unknown = status.IDLE, status.INERROR, status.UNKNOWN
    names.update(
        TransactionStatus=status,
        Json_pg3=types.Json,
        Jsonb_pg3=types.Jsonb,
        psycopg=importlib.import_module(_NAME),  # the last, because it says that all is there
    )
