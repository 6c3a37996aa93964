"""Surface S: files (file-storage §4–7)."""

from flask import Blueprint

from pindeck.api import PREFIX

bp = Blueprint("api_storage", __name__, url_prefix=f"{PREFIX}/storage")
