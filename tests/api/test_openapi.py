"""The document of the API: whole, valid, made from what the code does, and with an example of everything."""

import json
import re
from typing import Any

import pytest
from schemathesis.openapi import from_dict

from pindeck.api import openapi, parameters
from pindeck.api.operations import JsonBody, parse_json
from pindeck.http.site import Site
from tests.api.described import fits, found, operations_of

# Addresses that the document does not describe: the page beside it, and what keeps other methods off an address.
OTHERS = {"api_document.page", "upload_door.preflight", "upload_door.wrong_method"}


@pytest.fixture
def engine() -> str:
    return "sqlite"


def test_every_route_of_programs_is_an_operation(app: Site, document: dict[str, Any]) -> None:
    for rule in app.rules():
        if rule.rule.startswith(("/api/", "/i/", "/storage/")) and rule.endpoint not in OTHERS:
            assert hasattr(app.view_functions[rule.endpoint], "operation"), rule
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert described == {(endpoint.path, endpoint.method) for endpoint in openapi.endpoints(app)}
    assert {("/i/{ref}", "get"), ("/i/{project}/@{name}", "get"), ("/storage/{file_key}", "get")} <= described


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    for where, about in operations_of(document):
        assert len(about["summary"]) > 3 and len(about["description"]) > 15, where
        path = where.partition(" ")[2]
        named = {each["name"] for each in about["parameters"] if each["in"] == "path"}
        assert named == set(re.findall(r"{([^{}]+)}", path)), where
        assert {str(status) for status in (400, 401, 403, 503)} <= about["responses"].keys(), where


def test_every_parameter_has_a_meaning_and_an_example_that_fits(document: dict[str, Any]) -> None:
    for where, about in operations_of(document):
        for each in about["parameters"]:
            here = f"{where} {each['name']}"
            assert len(each["description"]) > 3, here
            fits(document, each["schema"], each["example"], here)


def test_examples_of_parameters_are_taken(app: Site, document: dict[str, Any]) -> None:
    for endpoint in openapi.endpoints(app):
        if endpoint.operation.query is not None:
            about = document["paths"][endpoint.path][endpoint.method]
            given = {each["name"]: each["example"] for each in about["parameters"] if each["in"] == "query"}
            words = {
                name: json.dumps(value) if isinstance(value, bool) else str(value) for name, value in given.items()
            }
            endpoint.operation.query.model_validate(words)


def test_every_body_that_is_sent_has_an_example_that_fits_and_is_taken(app: Site, document: dict[str, Any]) -> None:
    for endpoint in openapi.endpoints(app):
        where, body = f"{endpoint.method} {endpoint.path}", endpoint.operation.body
        content = document["paths"][endpoint.path][endpoint.method].get("requestBody", {}).get("content", {})
        assert bool(content) == (body is not None), where
        for media, told in content.items():
            fits(document, told["schema"], told["example"], f"{where} {media}")
        if isinstance(body, JsonBody):
            parse_json(json.dumps(content["application/json"]["example"]), body.model)


def test_every_field_of_a_form_has_a_meaning(document: dict[str, Any]) -> None:
    for where, about in operations_of(document):
        form = about.get("requestBody", {}).get("content", {}).get("multipart/form-data")
        for name, schema in form["schema"]["properties"].items() if form else ():
            assert schema.get("description"), f"{where} {name}"


def test_every_answer_has_an_example_that_fits(app: Site, document: dict[str, Any]) -> None:
    for where, about in operations_of(document):
        for status, answer in about["responses"].items():
            told = answer.get("content", {}).get("application/json")
            if told is not None and status < "400":
                assert "example" in told, f"{where} {status}"  # null is one too
                fits(document, told["schema"], told["example"], f"{where} {status}")
    for endpoint in openapi.endpoints(app):
        for answer in endpoint.operation.answers:
            if answer.model is not None:
                answer.adapter.validate_python(answer.example)


def test_every_code_of_an_error_has_an_example_that_fits(document: dict[str, Any]) -> None:
    for where, about in operations_of(document):
        for status, answer in about["responses"].items():
            if status < "400":
                continue
            told = answer["content"]["application/json"]
            codes = []
            for name, example in told["examples"].items():
                value = found(document, example)["value"]
                fits(document, told["schema"], value, f"{where} {status} {name}")
                assert name.partition(".")[0] == value["error"]["code"], f"{where} {status} {name}"
                codes.append(value["error"]["code"])
            assert codes == re.findall(r"`([A-Z0-9_]+)`: ", answer["description"]), f"{where} {status}"


def test_headers_of_answers_are_described(document: dict[str, Any]) -> None:
    used = set()
    for where, about in operations_of(document):
        for status, answer in about["responses"].items():
            here, headers = f"{where} {status}", answer["headers"]
            assert "X-Request-Id" in headers, here
            assert "Retry-After" in headers or status not in ("429", "503"), here
            assert "Content-Range" in headers or status not in ("206", "416"), here
            assert "ETag" in headers or status not in ("206", "304"), here
            assert "Location" in headers or status != "302", here
            for name, header in headers.items():
                told = found(document, header)
                assert told["description"], f"{here} {name}"
                fits(document, told["schema"], told["example"], f"{here} {name}")
            used |= set(headers)
    assert used == set(parameters.HEADERS)


def test_limits_are_spelt_as_json_schema_does(document: dict[str, Any]) -> None:
    assert not re.findall(r'"(?:ge|gt|le|lt|multiple_of|min_length|max_length)":', json.dumps(document))
    crop = {each["name"]: each["schema"] for each in document["paths"]["/i/{ref}"]["get"]["parameters"]}
    assert (crop["w"]["minimum"], crop["w"]["maximum"]) == (1, 4000)


def test_references_lead_somewhere_and_ids_are_unique(document: dict[str, Any]) -> None:
    for kind, name in re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(document)):
        assert name in document["components"][kind]
    ids = [about["operationId"] for _, about in operations_of(document)]
    assert len(ids) == len(set(ids))


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    schema = from_dict(document)
    schema.validate()
    assert len(list(schema.get_all_operations())) > 5
