"""The craft of the frame in the drawer, and a word that nobody has used until an administrator decides about it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import publish_photos, serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDTHS = [1440, 390]


def test_01_pictures_are_published(open_page, state, photos):
    publish_photos(open_page(), photos[:6], state)


@pytest.mark.parametrize("width", WIDTHS)
def test_02_terms_of_the_craft_stand_in_their_standard_spelling(open_page, state, width):
    page = open_page(width, state=state)
    page.goto("/")
    page.locator(".tile > a").nth(0 if width == 1440 else 3).click()
    drawer = page.locator("#drawer")
    expect(drawer.locator(".sheet .label", has_text="Craft")).to_have_count(0)  # nothing is known of it
    drawer.get_by_text("Add the craft of the frame").click()
    light = drawer.locator('form[action$="/fields/light"]')
    entry = light.get_by_label("Add to Light")
    entry.fill("hazy")
    entry.press("Enter")
    expect(light.locator(".tagbox .tag")).to_have_text(["Volumetric"])
    expect(light.locator(".mark")).to_have_text("saved")
    entry.press_sequentially("SOFT,")
    expect(light.locator(".tagbox .tag")).to_have_text(["Volumetric", "Soft"])
    expect(entry).to_be_focused()
    size = drawer.locator('form[action$="/fields/size"] input[name="value"]')
    size.fill("ecu")
    size.press("Enter")
    expect(size).to_have_value("Extreme Close-Up")
    assert serious_faults(page) == []
    page.reload()
    side = page.locator(".imagepage .side")
    expect(side.locator(".fields > form[data-field='terms'] .tagbox .tag")).to_have_text(["Volumetric", "Soft"])
    side.get_by_role("button", name="Remove Volumetric").click()
    expect(side.locator('form[action$="/fields/light"] .mark')).to_have_text("saved")
    page.goto("/?q=volumetric")
    expect(page.locator(".tile")).to_have_count(0)
    page.goto("/?q=extreme+soft")
    expect(page.locator(".tile")).to_have_count(1 if width == 1440 else 2)


@pytest.mark.parametrize("width", WIDTHS)
def test_03_a_new_word_is_asked_about_and_decided_in_the_vocabulary(open_page, state, width):
    page = open_page(width, state=state)
    word = f"glowworms {width}"
    page.goto("/")
    page.locator(".tile > a").nth(1 if width == 1440 else 4).click()
    drawer = page.locator("#drawer")
    drawer.get_by_text("Add the craft of the frame").click()
    source = drawer.locator('form[action$="/fields/light_source"]')
    source.get_by_label("Add to Light source").fill(f"neon, {word}")
    source.get_by_label("Add to Light source").press("Enter")
    expect(source.locator(".under")).to_contain_text(f"“{word}” is new. Add it?")
    source.get_by_role("button", name="Add it").click()
    expect(source.locator(".mark")).to_have_text("saved")
    expect(source.locator(".tagbox .tag")).to_have_text(["Neon", word])
    assert serious_faults(page) == []
    page.goto("/vocabulary")
    row = page.locator("#vocabulary tr", has_text=word)
    row.get_by_label("The term that").fill("practical lamp")
    row.get_by_role("button", name="Merge").click()
    expect(row).to_contain_text("Means “Practicals”")
    page.get_by_text("Light source", exact=False).last.click()
    assert serious_faults(page) == []
    page.goto("/?light_source=practicals")
    found = page.locator(".tile").count()
    page.keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("Taken back")
    page.goto("/?light_source=practicals")
    expect(page.locator(".tile")).to_have_count(found - 1)
    plain = open_page(width, state=state, javascript=False)
    plain.goto("/vocabulary")
    plain.locator("#vocabulary tr", has_text=word).get_by_role("button", name="Refuse").click()
    expect(plain.locator("#vocabulary tr", has_text=word)).to_contain_text("Refused")
