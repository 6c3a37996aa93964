"""Every status, the moves it allows, and the other closed sets that columns hold."""

from enum import StrEnum


class ImageStatus(StrEnum):
    """Who can see an image."""

    DRAFT = "draft"  # waiting for its owner to publish it
    PENDING = "pending"  # imported, waiting for a person to approve or discard it
    ACTIVE = "active"  # in the library
    BROKEN = "broken"  # hidden, because its stored media cannot be used


class Rights(StrEnum):
    """What is known of the right to show a picture outside, as people read it. None of them is unknown."""

    REFERENCE = "Reference only"
    CLEARED = "Cleared"
    OWN = "Own"
    GENERATED = "Generated"

    @property
    def word(self) -> str:
        """As programs and searches say it."""
        return self.value.split()[0].lower()

    @classmethod
    def read(cls, text: str) -> "Rights | None":
        """In either way, whatever its case; None for what is none of them."""
        plain = " ".join(text.lower().split())
        return next((each for each in cls if plain in (each.word, each.value.lower())), None)


UNKNOWN_RIGHTS = "unknown"  # how programs, searches and forms say that there is none


class AiStatus(StrEnum):
    """Whether a machine is describing the image."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class PersistStatus(StrEnum):
    """Whether the bytes are safe in their final place."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class WorkState(StrEnum):
    """How a job stands, as a person reads it. One that waits may have failed before; a cancelled one is a failed row."""

    RUNNING = "running"
    WAITING = "waiting"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DONE = "done"


class CallOutcome(StrEnum):
    """How a call of a model ended. Nothing was paid for one that is refused; of one that is lost nobody knows."""

    ASKED = "asked"
    ANSWERED = "answered"
    UNUSABLE = "unusable"
    REFUSED = "refused"
    LOST = "lost"


class Way(StrEnum):
    """From where somebody acts. `ITSELF` is the application, which nobody asked."""

    PAGE = "page"
    API = "api"
    DISCORD = "discord"
    COMMAND = "command"
    SOURCE = "source"
    ITSELF = "itself"


class RoundState(StrEnum):
    """How far a round is, in which a model is asked about many pictures. One to which all were added may still run."""

    ADDING = "adding"
    ADDED = "added"
    STOPPED = "stopped"


class Lane(StrEnum):
    """Whether somebody waits for a job: for what was just uploaded, asked for or tried again."""

    NOW = "now"
    LATER = "later"  # folder imports, feeds, back-fills, sweeps


class GenerationStatus(StrEnum):
    """How far a run is that makes a picture. `submitting` is written before the provider is called: a run whose sender
    died then is `lost`, because nobody knows whether it will be charged, and is never sent again."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    LOST = "lost"


class ActionStatus(StrEnum):
    """`running` until its last part is written; `undone` once all of it is taken back."""

    RUNNING = "running"
    DONE = "done"
    UNDONE = "undone"


class ProposalState(StrEnum):
    """What became of a machine's suggestion."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"  # it does not come back from the same model and prompt
    WITHDRAWN = "withdrawn"  # the machine says something else by now, or what it said was taken back


class BlobState(StrEnum):
    LIVE = "live"
    DELETING = "deleting"


class Damage(StrEnum):
    """What was found where an original should be. The bytes of the last kind may be right."""

    MISSING = "missing"
    DIFFERS = "differs"
    UNREADABLE = "unreadable"


class Visibility(StrEnum):
    LIBRARY = "library"
    UNLISTED = "unlisted"
    PRIVATE = "private"


class Origin(StrEnum):
    UPLOAD = "upload"
    DISCORD = "discord"
    PINTEREST = "pinterest"
    AI = "ai"


class SourceKind(StrEnum):
    """What a source of pictures is, and so how it is read."""

    FEED = "feed"
    LINKS = "links"
    FOLDER = "folder"
    ARENA = "arena"
    PINTEREST = "pinterest"
    DISCORD = "discord"


class ItemState(StrEnum):
    """What became of something that was found at a source."""

    NEW = "new"
    SENT = "sent"  # it is a picture of the library now
    SKIPPED = "skipped"  # there is no picture to it, or it was in the library already
    FAILED = "failed"


class DeliveryState(StrEnum):
    """What became of a message to a webhook."""

    WAITING = "waiting"  # to be sent, or sent again
    SENT = "sent"
    FAILED = "failed"  # given up; a person may send it again
    WITHHELD = "withheld"  # its picture was hidden meanwhile


class RunStatus(StrEnum):
    """How far an import of a source is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Role(StrEnum):
    ADMIN = "admin"
    CURATOR = "curator"
    GUEST = "guest"


class ClientKind(StrEnum):
    """What a program's keys open: everything, one project, or one extension's pictures."""

    MASTER = "master"
    PROJECT = "project"
    EXTENSION = "extension"


class TermState(StrEnum):
    """What was decided about a word that the vocabulary does not have: nothing yet, that it is a term, that it is another
    word for one, or that it is none."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    MERGED = "merged"
    REFUSED = "refused"


class WriterKind(StrEnum):
    """Who wrote a field. The order is the order of authority: a machine never replaces what a person wrote."""

    MACHINE = "machine"
    IMPORT = "import"
    RULE = "rule"
    PERSON = "person"

    @property
    def authority(self) -> int:
        return list(WriterKind).index(self)


MOVES: dict[type[StrEnum], dict[StrEnum, frozenset[StrEnum]]] = {
    ImageStatus: {
        ImageStatus.DRAFT: frozenset({ImageStatus.ACTIVE, ImageStatus.DRAFT}),
        ImageStatus.PENDING: frozenset({ImageStatus.DRAFT, ImageStatus.ACTIVE}),
        ImageStatus.ACTIVE: frozenset({ImageStatus.BROKEN}),
        ImageStatus.BROKEN: frozenset({ImageStatus.ACTIVE}),
    },
    AiStatus: {
        AiStatus.QUEUED: frozenset({AiStatus.PROCESSING, AiStatus.FAILED, AiStatus.COMPLETED}),
        AiStatus.PROCESSING: frozenset({AiStatus.COMPLETED, AiStatus.FAILED, AiStatus.PROCESSING}),
        AiStatus.COMPLETED: frozenset({AiStatus.PROCESSING}),
        AiStatus.FAILED: frozenset({AiStatus.PROCESSING, AiStatus.COMPLETED}),
    },
    PersistStatus: {
        PersistStatus.PENDING: frozenset({PersistStatus.SUCCEEDED, PersistStatus.FAILED}),
        PersistStatus.SUCCEEDED: frozenset({PersistStatus.PENDING}),
        PersistStatus.FAILED: frozenset({PersistStatus.PENDING}),
    },
    JobStatus: {
        JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.FAILED}),
        JobStatus.RUNNING: frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.QUEUED}),
        JobStatus.COMPLETED: frozenset(),
        JobStatus.FAILED: frozenset({JobStatus.QUEUED}),
    },
    GenerationStatus: {
        GenerationStatus.QUEUED: frozenset({GenerationStatus.SUBMITTING, GenerationStatus.FAILED}),
        GenerationStatus.SUBMITTING: frozenset(
            {GenerationStatus.PROCESSING, GenerationStatus.QUEUED, GenerationStatus.FAILED, GenerationStatus.LOST}
        ),
        GenerationStatus.PROCESSING: frozenset(
            {GenerationStatus.COMPLETED, GenerationStatus.FAILED, GenerationStatus.LOST}
        ),
        GenerationStatus.COMPLETED: frozenset(),
        GenerationStatus.FAILED: frozenset(),
        GenerationStatus.LOST: frozenset({GenerationStatus.PROCESSING}),  # the answer came after all
    },
    ActionStatus: {
        ActionStatus.RUNNING: frozenset({ActionStatus.DONE}),
        ActionStatus.DONE: frozenset({ActionStatus.UNDONE}),
        ActionStatus.UNDONE: frozenset(),
    },
    RunStatus: {
        RunStatus.RUNNING: frozenset({RunStatus.DONE, RunStatus.FAILED}),
        RunStatus.DONE: frozenset(),
        RunStatus.FAILED: frozenset(),
    },
    RoundState: {
        RoundState.ADDING: frozenset({RoundState.ADDED, RoundState.STOPPED}),
        RoundState.ADDED: frozenset({RoundState.STOPPED}),
        RoundState.STOPPED: frozenset(),
    },
    ItemState: {
        ItemState.NEW: frozenset({ItemState.SENT, ItemState.SKIPPED, ItemState.FAILED}),
        ItemState.SENT: frozenset(),
        ItemState.SKIPPED: frozenset(),
        ItemState.FAILED: frozenset({ItemState.NEW}),
    },
    DeliveryState: {
        DeliveryState.WAITING: frozenset({DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.WITHHELD}),
        DeliveryState.SENT: frozenset({DeliveryState.WAITING}),
        DeliveryState.FAILED: frozenset({DeliveryState.WAITING}),
        DeliveryState.WITHHELD: frozenset({DeliveryState.WAITING}),
    },
    ProposalState: {
        ProposalState.PROPOSED: frozenset({ProposalState.ACCEPTED, ProposalState.REFUSED, ProposalState.WITHDRAWN}),
        ProposalState.ACCEPTED: frozenset({ProposalState.PROPOSED, ProposalState.WITHDRAWN}),  # an undo
        ProposalState.REFUSED: frozenset({ProposalState.PROPOSED, ProposalState.WITHDRAWN}),
        ProposalState.WITHDRAWN: frozenset({ProposalState.PROPOSED}),
    },
    BlobState: {
        BlobState.LIVE: frozenset({BlobState.DELETING}),
        # A place kept for new bytes is born as deleting, so that a crash leaves it to the sweep.
        BlobState.DELETING: frozenset({BlobState.LIVE}),
    },
}


def sources(new: StrEnum) -> list[StrEnum]:
    """The states from which `new` may be reached: the condition of a guarded update."""
    return [old for old, targets in MOVES[type(new)].items() if new in targets]
