"""Surface G: the gallery's operations (source 000, unification §8.4)."""

from flask import Blueprint

from pindeck.api import PREFIX

bp = Blueprint("api_library", __name__, url_prefix=f"{PREFIX}/library")
