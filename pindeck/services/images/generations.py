"""Runs that make pictures. Whatever writes one does it here, so that its inputs are found from either side."""

from typing import Any

from peewee import ModelSelect, Value

from pindeck import db
from pindeck.models import Generation, GenerationInput, Image


def add(inputs: list[str], **columns: Any) -> Generation:
    """Inside a transaction: one more run, and the ids of the images that it began from."""
    now = db.now_ms()
    run = Generation.create(id=db.new_id(), inputs=inputs, created_at=now, updated_at=now, **columns)
    there = Image.select(Value(run.id), Image.id).where(Image.id.in_(inputs))
    GenerationInput.insert_from(there, [GenerationInput.generation_id, GenerationInput.image_id]).execute()
    return run


def users_of(image_id: str) -> list[Generation]:
    """Inside a transaction: the runs that have the image among their inputs, locked."""
    return list(db.locked(_users_of(image_id)))


def _users_of(image_id: str) -> "ModelSelect[Generation]":
    named = GenerationInput.select(GenerationInput.generation_id).where(GenerationInput.image_id == image_id)
    return Generation.select().where(Generation.id.in_(named)).order_by(Generation.id)


def forget(image_id: str) -> None:
    """Inside the transaction that deletes an image: runs that used it lose it from their inputs."""
    for run in users_of(image_id):
        inputs = [each for each in run.inputs if each != image_id]
        Generation.update(inputs=inputs, updated_at=db.now_ms()).where(Generation.id == run.id).execute()
    GenerationInput.delete().where(GenerationInput.image_id == image_id).execute()
