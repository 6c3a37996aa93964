"""How pictures hang is a choice of the person, which stays, and what an earlier version kept still counts."""

from tests.conftest import ClientFor


def test_a_contact_sheet_stays_a_contact_sheet(client_for: ClientFor) -> None:
    client = client_for(None)
    assert 'data-view="wall"' in client.get("/").text
    assert client.post("/tweaks", data={"view": "sheet", "next": "/projects"}).headers["Location"] == "/projects"
    for address in ("/", "/projects", "/keys"):
        assert 'data-view="sheet"' in client.get(address).text
    client.post("/tweaks", data={"view": "upside down", "theme": "light"})
    page = client.get("/").text
    assert 'data-view="sheet"' in page and 'data-theme="light"' in page


def test_a_cookie_of_before_keeps_what_it_says(client_for: ClientFor) -> None:
    client = client_for(None)
    for kept, theme, view in (("light.red.dense", "light", "wall"), ("light.red.dense.sheet", "light", "sheet"), ("..x.y", "dark", "wall")):
        client.set_cookie("pindeck_tweaks", kept)
        page = client.get("/").text
        assert f'data-theme="{theme}"' in page and f'data-view="{view}"' in page
