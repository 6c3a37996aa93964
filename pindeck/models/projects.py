"""Projects: rows of the gallery and containers of aliases in one."""

from peewee import BigIntegerField, BooleanField, CompositeKey, DoubleField, ForeignKeyField, IntegerField, TextField

from pindeck.models.accounts import UserId
from pindeck.models.base import BaseModel, JsonField


class Project(BaseModel):
    id = TextField(primary_key=True)
    slug = TextField(unique=True)
    name = TextField()
    name_key = TextField(unique=True)
    is_default = BooleanField(default=False)
    created_at = BigIntegerField()

    class Meta:
        table_name = "project"


class Flow(BaseModel):
    id = TextField(primary_key=True)
    project = ForeignKeyField(Project, on_delete="CASCADE")
    project_id: str
    created_at = BigIntegerField()
    updated_at = BigIntegerField()

    class Meta:
        table_name = "flow"


class Generation(BaseModel):
    """One run that makes a picture. `output_image_id` becomes null when that picture is deleted."""

    id = TextField(primary_key=True)
    project_id = TextField()
    flow_id = TextField(null=True)
    user_id = UserId(null=True)
    status = TextField()
    prompt = TextField(default="")
    params = JsonField(default=dict)
    inputs = JsonField(default=list)
    output_image_id = TextField(null=True)
    error = TextField(null=True)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    batch = TextField(null=True)  # joins those that were asked for at once; none for a run of before
    position = IntegerField(null=True)
    client_id = TextField(null=True)
    provider = TextField(null=True)
    model = TextField(null=True)
    request_id = TextField(null=True)
    addresses = JsonField(null=True)  # where the provider told to ask for it
    sender = TextField(null=True)  # the job and its attempt that sent it
    sent_at = BigIntegerField(null=True)
    cost = DoubleField(null=True)  # US dollars

    class Meta:
        table_name = "generation"


class GenerationInput(BaseModel):
    """That a run began from an image: what `inputs` of the run says, as far as the images are there."""

    generation_id = TextField()
    image_id = TextField()

    class Meta:
        table_name = "generation_input"
        primary_key = CompositeKey("generation_id", "image_id")
