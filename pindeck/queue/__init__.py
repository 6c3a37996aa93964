"""Every kind of background work, and the one way to ask for it. It may use the database and the models.

`redis.py` delivers what is asked for; only the web process and the worker import it.
"""

from pindeck.queue.lanes import Turns, in_lane, name_of, queue_of
from pindeck.queue.specs import (
    ACT,
    ANALYSE,
    CHECK_FILES,
    DELETE_OBJECTS,
    FETCH_FILE,
    FETCH_IMAGE,
    PERSIST,
    PUBLISH,
    READ_FILES,
    RESTORE_FILE,
    RUN_SOURCE,
    SPECS,
    SWEEP,
    TEST_SOURCE,
    UNDO,
    UNPUBLISH,
    JobSpec,
    Push,
    bind,
    enqueue,
    enqueue_many,
    push,
)

__all__ = [
    "JobSpec",
    "PERSIST",
    "ANALYSE",
    "PUBLISH",
    "UNPUBLISH",
    "DELETE_OBJECTS",
    "FETCH_FILE",
    "CHECK_FILES",
    "READ_FILES",
    "RESTORE_FILE",
    "SWEEP",
    "FETCH_IMAGE",
    "RUN_SOURCE",
    "TEST_SOURCE",
    "ACT",
    "UNDO",
    "SPECS",
    "Push",
    "Turns",
    "in_lane",
    "name_of",
    "queue_of",
    "bind",
    "enqueue",
    "enqueue_many",
    "push",
]
