"""What a machine suggests where somebody has written."""

from peewee import BigIntegerField, TextField

from pindeck.models.accounts import UserId
from pindeck.models.base import BaseModel, JsonField
from pindeck.states import ProposalState


class Proposal(BaseModel):
    """One value for one field of a picture. `value_key` stands for the value where it has to be unique, `run_id` is the
    action id of the description that it came with."""

    id = TextField(primary_key=True)
    image_id = TextField()
    field = TextField()
    value = JsonField()
    value_key = TextField()
    model = TextField()
    prompt_version = TextField(default="")
    run_id = TextField()
    state = TextField(default=ProposalState.PROPOSED)
    decided_by = UserId(null=True)
    decided_at = BigIntegerField(null=True)
    created_at = BigIntegerField()

    class Meta:
        table_name = "proposal"
