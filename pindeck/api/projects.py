"""Projects, for master keys and administrators (decision 25)."""

from flask import Blueprint

from pindeck.api import PREFIX

bp = Blueprint("api_projects", __name__, url_prefix=f"{PREFIX}/projects")
