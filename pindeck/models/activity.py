"""What happened: the ledger of fields, the log of actions, the list of work, the calls of models, and the activity trail."""

from peewee import AutoField, BigIntegerField, IntegerField, TextField

from pindeck.models.accounts import UserId
from pindeck.models.base import BaseModel, JsonField
from pindeck.states import ActionStatus, CallOutcome, JobStatus, Lane, RoundState


class FieldEvent(BaseModel):
    """One field of one image changed: from what, to what, by whom, when."""

    id = AutoField()
    image_id = TextField()
    field = TextField()
    old = JsonField()
    new = JsonField()
    writer = TextField()
    user_id = UserId(null=True)
    client_id = TextField(null=True)
    program = TextField(null=True)
    action_id = TextField()
    reverts_id = BigIntegerField(null=True)
    at = BigIntegerField()
    undone_at = BigIntegerField(null=True)  # taken back, or what took one back: neither counts as a change any more

    class Meta:
        table_name = "field_event"


class Action(BaseModel):
    """What somebody did, with one picture or many. `undoes_id` names the action that this one takes back."""

    id = TextField(primary_key=True)
    verb = TextField()
    user_id = UserId(null=True)
    client_id = TextField(null=True)
    status = TextField(default=ActionStatus.DONE)
    total = IntegerField()
    done = IntegerField()
    detail = JsonField(default=dict)
    undoes_id = TextField(null=True)
    created_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)

    class Meta:
        table_name = "action"


class ActionStep(BaseModel):
    """What an action did to one picture, in one respect: how it was `before` and `after`. Words are in `FieldEvent`."""

    id = AutoField()
    action_id = TextField()
    image_id = TextField()
    kind = TextField()
    key = TextField(default="")
    before = JsonField(null=True)
    after = JsonField(null=True)
    undone_at = BigIntegerField(null=True)

    class Meta:
        table_name = "action_step"


class Job(BaseModel):
    """Work that must happen: outbox and list of work in one."""

    id = TextField(primary_key=True)
    kind = TextField()
    queue = TextField()
    lane = TextField(default=Lane.NOW)
    image_id = TextField(null=True)
    user_id = UserId(null=True)
    client_id = TextField(null=True)
    payload = JsonField(default=dict)
    result = JsonField(null=True)
    dedupe_key = TextField(null=True)
    status = TextField(default=JobStatus.QUEUED)
    stage = TextField(default="")
    done = IntegerField(default=0)
    total = IntegerField(default=0)
    attempts = IntegerField(default=0)
    spent = IntegerField(default=0)  # attempts that were used up before a person asked for it again
    due_at = BigIntegerField()
    pushed_at = BigIntegerField(null=True)
    lease_until = BigIntegerField(null=True)
    holder = TextField(null=True)  # the worker that runs it, or ran it last
    error = TextField(null=True)
    created_at = BigIntegerField()
    started_at = BigIntegerField(null=True)
    ended_at = BigIntegerField(null=True)
    cancelled_at = BigIntegerField(null=True)  # when a person asked to cancel it; one that runs ends at its next step
    round_id = TextField(null=True)

    class Meta:
        table_name = "job"


class Worker(BaseModel):
    """What a worker says of itself every few seconds. `name` is the holder of the jobs that it runs."""

    name = TextField(primary_key=True)
    host = TextField()
    pid = IntegerField()
    queues = TextField()
    started_at = BigIntegerField()
    seen_at = BigIntegerField()
    memory_bytes = BigIntegerField(null=True)

    class Meta:
        table_name = "worker"


class AnalysisRound(BaseModel):
    """Asking a model about many pictures. Each becomes a job, a part after the other: `asked` counts them, and `edge` is
    where the next part begins. `said` tells why it ended early."""

    id = TextField(primary_key=True)
    user_id = UserId()
    client_id = TextField(null=True)
    choice = JsonField()
    total = IntegerField()
    asked = IntegerField(default=0)
    edge = BigIntegerField(null=True)
    state = TextField(default=RoundState.ADDING)
    said = TextField(null=True)
    created_at = BigIntegerField()

    class Meta:
        table_name = "analysis_round"


class MachineCall(BaseModel):
    """One call of a model that describes pictures; no key of the picture, so that it outlives it.

    `answer` is what came and was not used yet; `run_id` is the action of the description that it was made for. Times are
    ms, `cost_micro` millionths of a dollar.
    """

    id = TextField(primary_key=True)
    image_id = TextField(null=True)
    user_id = UserId(null=True)
    job_id = TextField(null=True)
    model = TextField()
    prompt_version = TextField()
    form = TextField()
    outcome = TextField(default=CallOutcome.ASKED)
    answer = JsonField(null=True)
    error = TextField(null=True)
    tokens_in = IntegerField(null=True)
    tokens_out = IntegerField(null=True)
    cost_micro = BigIntegerField(null=True)
    ms = IntegerField(null=True)
    run_id = TextField(null=True)
    created_at = BigIntegerField()

    class Meta:
        table_name = "analysis"


class HouseRules(BaseModel):
    """What an administrator tells the model besides, in the version that counts from `created_at` (ms) until the next."""

    id = TextField(primary_key=True)
    text = TextField()
    user_id = UserId(null=True)
    created_at = BigIntegerField()

    class Meta:
        table_name = "house_rules"


class Idempotency(BaseModel):
    """The answer to a request that may be repeated. `id` names the caller and its key; no status yet means it runs."""

    id = TextField(primary_key=True)
    request_hash = TextField()
    status = IntegerField(null=True)
    body = TextField(null=True)
    created_at = BigIntegerField()

    class Meta:
        table_name = "idempotency"


class Activity(BaseModel):
    """Who did what to which image, and from where; no foreign key, so that it outlives the image and the key."""

    id = AutoField()
    at = BigIntegerField()
    user_id = UserId(null=True)
    client_id = TextField(null=True)
    verb = TextField()
    image_id = TextField(null=True)
    detail = JsonField(default=dict)
    way = TextField(null=True)  # none where an earlier version did not write it down
    key_id = TextField(null=True)

    class Meta:
        table_name = "activity"
