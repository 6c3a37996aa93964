"""The document of the API: whole, valid, and made from what the code does."""

import json
import re

import pytest
from flask import Flask
from schemathesis.openapi import from_dict

from pindeck.access import Actor
from pindeck.api import openapi
from tests.api.conftest import ProgramFor
from tests.conftest import ClientFor


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def document(program_for: ProgramFor) -> dict:
    answer = program_for(None).get("/api/v1/openapi.json")
    assert answer.status_code == 200 and answer.json["openapi"].startswith("3.1")
    return answer.json


def test_every_route_of_the_api_is_an_operation(app: Flask, document: dict) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and rule.rule != "/api/v1/docs":
            assert hasattr(app.view_functions[rule.endpoint], "operation"), rule
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert described == {(place.path, place.method) for place in openapi.places(app)}


def test_every_operation_is_described_with_examples_and_errors(app: Flask) -> None:
    for place in openapi.places(app):
        about = place.operation
        where = f"{place.method} {place.path}"
        assert len(about.summary) > 3 and len(about.description) > 15, where
        assert set(re.findall(r"{([^{}]+)}", place.path)) == set(about.path), where
        for answer in about.answers:
            assert answer.model in (None, type(None)) or answer.example is not None, where
            if answer.model is not None:
                answer.adapter.validate_python(answer.example)


def test_references_lead_somewhere_and_ids_are_unique(document: dict) -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert names <= set(document["components"]["schemas"])
    ids = [about["operationId"] for methods in document["paths"].values() for about in methods.values()]
    assert len(ids) == len(set(ids))


def test_the_document_is_valid_openapi(document: dict) -> None:
    schema = from_dict(document)
    schema.validate()
    assert len(list(schema.get_all_operations())) > 5


def test_the_page_names_every_operation(client_for: ClientFor, olga: Actor, document: dict) -> None:
    for who in (None, olga):
        page = client_for(who).get("/api/v1/docs")
        assert page.status_code == 200
        for path in document["paths"]:
            assert path in page.text
