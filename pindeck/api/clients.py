"""Clients and their keys, for master keys and administrators."""

from flask import Blueprint

from pindeck.api import PREFIX

bp = Blueprint("api_clients", __name__, url_prefix=f"{PREFIX}/admin")
