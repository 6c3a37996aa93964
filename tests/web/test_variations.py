"""Pages of variations: the form and what it will send, the order, the lineage, two pictures compared."""

from pindeck.access import Actor
from pindeck.models import Generation, Image
from pindeck.services.images.variations import ordering
from pindeck.services.images.variations.ordering import Wish
from tests.conftest import HTMX, ChangeSettings, ClientFor, RunJobs
from tests.factories import make_active, make_draft


def test_a_person_orders_with_and_without_scripts(client_for: ClientFor, olga: Actor, run_jobs: RunJobs) -> None:
    parent, client = make_active(olga, title="A <wide> alley"), client_for(olga)
    url = f"/images/{parent.id}"
    assert f"{url}/vary" in client.get(url).text
    form = client.get(f"{url}/vary").text
    assert "Shot variation" in form and "close-up" in form and "It costs nothing." in form and "simulated, and marked" in form
    wish = {"mode": "coverage", "count": "2", "detail": "<rain>", "aspect": "1:1", "resolution": "1K"}
    told = client.get(f"{url}/vary/prompts", query_string=wish, headers=HTMX).text
    assert told.count("<li>") == 2 and "&lt;rain&gt;" in told
    assert form.split("What will be sent")[1].split("</details>")[1].count("It costs nothing.") == 1 == told.count('id="vary-cost" role="status" hx-swap-oob="true">It costs nothing.')
    preview = client.post(f"{url}/vary", data={**wish, "preview": "1"})
    assert preview.status_code == 200 and "&lt;rain&gt;" in preview.text and 'value="coverage" checked' in preview.text
    assert Generation.select().count() == 0
    sent = client.post(f"{url}/vary", data=wish)
    assert sent.status_code == 303 and sent.location == url
    page = client.get(url).text
    assert "2 variations are being made." in page and "variations are</p>" not in page
    assert "A machine is at work" in client.get(f"{url}/vary").text
    refused = client.post(f"{url}/vary", data=wish, headers=HTMX)
    assert refused.status_code == 409 and "at work on this picture" in refused.text
    run_jobs()
    strip = client.get(f"{url}/lineage", headers=HTMX).text
    children = list(Image.select().where(Image.parent_id == parent.id))
    assert len(children) == 2 and all(f"/images/{child.id}" in strip for child in children) and "load delay" not in strip
    beside = client.get(f"/images/{children[0].id}").text
    assert f"/images/{children[1].id}" in beside and "Made from" in beside and "Beside it" in beside
    again = client.get(f"{url}/vary").text
    assert 'value="coverage" checked' in again and "&lt;rain&gt;" in again and "<option selected>1:1" in again
    answer = client.post(f"{url}/vary", data={**wish, "drawer": "1"}, headers=HTMX)
    assert answer.status_code == 200 and "Ordered." in answer.text and "load delay:2s" in answer.text and "drawer=" in answer.text


def test_what_went_wrong_stands_at_the_picture(client_for: ClientFor, olga: Actor, sam: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga)
    batch, _ = ordering.order(olga, parent.id, Wish(2))
    Generation.update(status="submitting", sender="gone:1").where(Generation.position == 0).execute()
    Generation.update(provider="another").where(Generation.position == 1).execute()
    run_jobs()
    page = client_for(olga).get(f"/images/{parent.id}").text
    assert "Variation 1 is lost:" in page and "Variation 2 was not made:" in page and "GENERATION_BACKEND" in page
    assert "Order again" in page and "Describe again" not in page
    theirs = client_for(sam).get(f"/images/{parent.id}").text
    assert "is lost" not in theirs and "Order again" not in theirs


def test_who_sees_the_form_and_the_lineage(
    client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor, run_jobs: RunJobs, change_settings: ChangeSettings
) -> None:
    parent, draft = make_active(olga), make_draft(olga)
    ordering.order(olga, parent.id, Wish(1))
    run_jobs()
    (child,) = Image.select().where(Image.parent_id == parent.id)
    Image.update(visibility="private").where(Image.seq == child.seq).execute()
    for actor, form, sees in ((olga, 200, True), (sam, 200, False), (gus, 403, False), (None, 303, False)):
        client = client_for(actor)
        assert client.get(f"/images/{parent.id}/vary").status_code == form
        assert client.post(f"/images/{parent.id}/vary", data={"preview": "1"}).status_code == form
        assert ("/vary" in client.get(f"/images/{parent.id}").text) == (form == 200)
        strip = client.get(f"/images/{parent.id}/lineage")
        assert strip.status_code == 200 and (child.id in strip.text) == sees
        assert client.get(f"/images/{draft.id}/lineage").status_code == (200 if actor is olga else 404)
        assert client.get(f"/images/{parent.id}/compare/{child.id}").status_code == (200 if sees else 404)
    pair = client_for(olga).get(f"/images/{child.id}/compare/{parent.id}").text
    assert pair.index(f"/images/{child.id}") < pair.rindex(f"/images/{parent.id}") and 'type="range"' in pair
    for price, told in ((None, "What it costs is not known here"), (0.15, "About 0.60 US dollars.")):
        change_settings(generation_backend="fal", fal_key="a key", generation_price=price)
        assert told in client_for(olga).get(f"/images/{parent.id}/vary/prompts?count=4").text
    change_settings(generation_backend="off")
    assert "switched off" in client_for(olga).get(f"/images/{parent.id}/vary").text
