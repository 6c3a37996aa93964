"""Projects of one picture that bear its title are cleared; those that somebody uses stay."""

import pytest

from pindeck.access import Actor
from pindeck.errors import Forbidden
from pindeck.models import Image
from pindeck.services.images import aliases, ledger, projects, title_projects, undoing
from tests.factories import fresh, make_active, make_row


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_picture_leaves_the_project_that_is_its_title(olga: Actor, mo: Actor) -> None:
    def put(title: str, project: str) -> Image:
        image = make_active(olga, title=title)
        ledger.write(image.id, {"project": project}, ledger.person(olga))
        return image

    alone = put("Neon Alley", "NEON  alley")
    other, first, second, named = put("Rain", "Blade Runner"), put("Heat", "Heat"), put("Heat", "Heat"), put("Drive", "Drive")
    aliases.add(olga, "hero", named.id, project_id=str(fresh(named).project_id))
    make_row(olga, title="Library")
    hidden = put("Solaris", "Solaris")
    Image.update(visibility="private").where(Image.seq == hidden.seq).execute()
    kept = {image.id: fresh(image).project_id for image in (alone, other, first, second, named, hidden)}
    with pytest.raises(Forbidden):
        title_projects.ids_of(olga)
    assert title_projects.ids_of(mo) == [alone.id, hidden.id]  # an administrator sees both
    action_id, count = title_projects.release(mo)
    assert (count, fresh(alone).project_id, fresh(hidden).project_id) == (2, projects.DEFAULT_ID, projects.DEFAULT_ID)
    assert all(fresh(image).project_id == kept[image.id] for image in (other, first, second, named))
    assert title_projects.release(mo) == (None, 0)
    undoing.undo(mo, str(action_id))
    assert {image_id: Image.get(Image.id == image_id).project_id for image_id in kept} == kept
