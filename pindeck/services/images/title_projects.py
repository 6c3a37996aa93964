"""Projects that an import once made of a title: they hold one image and bear its title. They are offered for clean-up, since no import
makes a project of a title."""

from pindeck import access, db
from pindeck.access import Actor
from pindeck.services.images import ledger, projects

# A project that somebody uses by its name keeps its image: a key, a flow, an alias, a source or a channel points at it.
_ALONE = """
SELECT i.id, i.title, p.name_key FROM project p JOIN image i ON i.project_id = p.id
WHERE p.id <> :default AND ({images})
AND NOT EXISTS (SELECT 1 FROM image x WHERE x.project_id = p.id AND x.id <> i.id)
AND NOT EXISTS (SELECT 1 FROM client c WHERE c.project_id = p.id)
AND NOT EXISTS (SELECT 1 FROM flow f WHERE f.project_id = p.id)
AND NOT EXISTS (SELECT 1 FROM alias a WHERE a.project_id = p.id)
AND NOT EXISTS (SELECT 1 FROM source s WHERE s.project_id = p.id)
AND NOT EXISTS (SELECT 1 FROM discord_thread d WHERE d.project_id = p.id)
ORDER BY i.id
"""


def ids_of(actor: Actor) -> list[str]:
    """The images that stand alone in such a project, as far as the actor may edit them. Raises NotSignedIn or Forbidden."""
    access.require(actor, "admin")
    images = access.edited_by(actor)
    rows = db.sql(_ALONE.format(images=images.text("i")), default=projects.DEFAULT_ID, **images.values).fetchall()
    return [image_id for image_id, title, key in rows if projects.name_key(title or "") == key]


def release(actor: Actor) -> tuple[str | None, int]:
    """Take the images out of these projects, as one action that can be undone: its id, and how many images there were."""
    ids = ids_of(actor)
    return (ledger.set_many(actor, ids, {"project": None}) if ids else None), len(ids)
