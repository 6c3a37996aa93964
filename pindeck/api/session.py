"""A session for programs that have a person's password, and the token its changes need (decision 36)."""

from flask import Blueprint

from pindeck.api import PREFIX

bp = Blueprint("api_session", __name__, url_prefix=f"{PREFIX}/session")
