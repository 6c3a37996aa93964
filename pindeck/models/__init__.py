"""Tables as classes. The schema itself, with its constraints, is in `migrations/`.

They may use the database and the states.
"""

from pindeck.models.accounts import Attempt, Invite, Session, Setup, User
from pindeck.models.activity import Action, ActionStep, Activity, FieldEvent, Idempotency, Job
from pindeck.models.clients import ApiKey, Client
from pindeck.models.files import Blob, Crop, Derivative, StoredFile, UploadTicket
from pindeck.models.images import Alias, Image, ImageColour, ImageTag, ImportBatch, Like, Memo, Viewing
from pindeck.models.projects import Flow, Generation, GenerationInput, Project

__all__ = [
    "Action", "ActionStep", "Activity", "Alias", "ApiKey", "Attempt", "Blob", "Client", "Crop", "Derivative", "FieldEvent", "Flow", "Generation",
    "GenerationInput", "Idempotency", "Image", "ImageColour", "ImageTag", "ImportBatch", "Invite", "Job", "Like", "Memo", "Project", "Session", "Setup", "StoredFile", "UploadTicket", "User", "Viewing",
]  # fmt: skip
