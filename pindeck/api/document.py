"""The OpenAPI document of every operation, and the page to read it on."""

from flask import Blueprint

from pindeck.api import PREFIX

bp = Blueprint("api_document", __name__, url_prefix=PREFIX)
