"""Surface M: images by id or alias (image-management-api §4.1–4.7). The path of one image is also surface X's bytes."""

from flask import Blueprint

from pindeck.api import PREFIX

bp = Blueprint("api_images", __name__, url_prefix=f"{PREFIX}/images")
