"""What `EXPORT_RIGHTS` does: pictures that are not cleared are marked and listed, or no file is made."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.exports import asking, requests
from pindeck.models import Export, Image
from pindeck.services.images import ledger, rights
from tests.conftest import ChangeSettings, RunJobs
from tests.exports.test_exports import contact, read
from tests.factories import make_active, new_photo

STATES = {None: "rights unknown", "Reference only": "reference only", "Cleared": None, "Own": None, "Generated": None}


@pytest.mark.parametrize("policy", ["off", "mark", "refuse"])
def test_the_policy(change_settings: ChangeSettings, policy: Any) -> None:
    change_settings(export_rights=policy)
    images = [Image(id=str(n), title=f"Still {n}", rights=state) for n, state in enumerate(STATES)]
    lacking = [] if policy == "off" else images[:2]
    assert rights.not_cleared([*images, *images]) == lacking
    assert [rights.is_marked(image) for image in images] == [image in lacking for image in images]
    assert [rights.why(image) for image in lacking] == [why for why in STATES.values() if why][: len(lacking)]
    rights.check(images[2:])
    if policy != "refuse":
        rights.check(images)
        return
    with pytest.raises(Conflict, match=r"“Still 0” \(rights unknown\), “Still 1” \(reference only\) are not cleared") as refused:
        rights.check(images)
    assert refused.value.code == "RIGHTS_NOT_CLEARED"
    told = [{"id": "0", "title": "Still 0", "rights": "unknown"}, {"id": "1", "title": "Still 1", "rights": "reference"}]
    assert refused.value.details == {"images": told, "count": 2}


def test_a_sheet_marks_lists_and_refuses(olga: Actor, change_settings: ChangeSettings, run_jobs: RunJobs) -> None:
    images = [make_active(olga, new_photo(size=(300, 200)), title=f"Still {n}", rights=word) for n, word in enumerate(("cleared", "reference", ""))]
    of: dict[str, object] = {"ids": [image.id for image in images]}

    def pages() -> list[str]:
        export = contact(olga, of=of)
        run_jobs()
        return [page.extract_text() for page in PdfReader(io.BytesIO(read(olga, export.id))).pages]

    assert len(plain := pages()) == 1 and rights.SIGN not in plain[0]
    change_settings(export_rights="mark")
    sheet, listed = pages()
    assert sheet.count(rights.SIGN) == 2
    assert rights.TITLE in listed and "Still 1" in listed and "reference only" in listed and "Still 0" not in listed
    made = Export.get()
    assert made.notes == ["2 pictures are not cleared. They have a sign, and the last page says why."]
    change_settings(export_rights="refuse")
    for door in (lambda: contact(olga, of=of), lambda: requests.ask(olga, asking.checked(of, "contact", paper="letter"))):
        with pytest.raises(Conflict, match="not cleared"):
            door()
    with pytest.raises(Conflict, match="is not cleared"):  # what was made before stays closed
        requests.file_of(olga, made.id)
    assert Export.select().count() == 1
    for image in images[1:]:
        ledger.edit(olga, image.id, "rights", "own")
    assert requests.file_of(olga, made.id) and len(pages()) == 1
    # Rights that change while the job waits are heeded by the job.
    waiting = requests.ask(olga, asking.checked(of, "contact", paper="letter"))
    ledger.edit(olga, images[0].id, "rights", "")
    run_jobs()
    failed = requests.find(olga, waiting.id)
    assert failed.state == "failed" and "“Still 0” (rights unknown) is not cleared" in failed.error and failed.file_id is None
