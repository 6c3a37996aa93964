"""Surface X: pictures of extensions (extension-images-api)."""

from flask import Blueprint

from pindeck.api import PREFIX

bp = Blueprint("api_extension", __name__, url_prefix=f"{PREFIX}/extension")
