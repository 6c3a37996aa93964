"""Surface M: flows (image-management-api §4.8)."""

from flask import Blueprint

from pindeck.api import PREFIX

bp = Blueprint("api_flows", __name__, url_prefix=f"{PREFIX}/flows")
