"""The state of a job, for whoever asked for it."""

from flask import Blueprint

from pindeck.api import PREFIX

bp = Blueprint("api_jobs", __name__, url_prefix=f"{PREFIX}/jobs")
