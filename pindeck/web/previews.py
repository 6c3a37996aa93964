"""What a model would write for a picture that was not sent yet: asked for, looked up, cancelled."""

from flask import Blueprint, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from pindeck.errors import Invalid
from pindeck.http.auth import access_to, token_in_query
from pindeck.http.multipart import FilePart, parts
from pindeck.services.ingest import previews
from pindeck.services.ingest.previews import Preview

bp = Blueprint("previews", __name__, url_prefix="/uploads/previews")


@bp.post("")
@token_in_query
@access_to("upload")
def ask() -> ResponseReturnValue:
    """The words that were typed come first, then the reduced copy."""
    words: dict[str, str] = {}
    for part in parts(request, files=1):
        if isinstance(part, FilePart):
            job = previews.ask(g.actor, part.chunks, part.filename, words)
            return _shown(previews.find(g.actor, job.id))
        words[part.name.removeprefix("word-")] = part.value
    raise Invalid("Send a picture.", fields={"picture": "Send a picture."})


@bp.get("/<job_id>")
@access_to("upload")
def index(job_id: str) -> ResponseReturnValue:
    return _shown(previews.find(g.actor, job_id))


@bp.post("/<job_id>/cancel")
@access_to("upload")
def cancel(job_id: str) -> ResponseReturnValue:
    return _shown(previews.cancel(g.actor, job_id), is_left=True)


def _shown(preview: Preview, *, is_left: bool = False) -> ResponseReturnValue:
    """`is_left`: the person does not wait for it any more."""
    answer = make_response(render_template("uploads/_preview.html", preview=preview, is_left=is_left))
    answer.headers["Cache-Control"] = "no-store"
    return answer
