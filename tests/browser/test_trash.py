"""The trash with a hand and with keys; and each question that is asked in the page, refused and answered."""

import pytest
from playwright.sync_api import Locator, Page, expect

from pindeck.access import Actor
from pindeck.models import User
from pindeck.services.images import trash
from tests.browser.conftest import read_again, serious_faults, sign_in, sign_up
from tests.factories import make_row

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
LONG = "Averyverylongwordwithoutanyspace" * 6


def fill_trash(stack, count: int) -> None:
    with stack.bound():
        olga = User.get(User.email == "olga@example.org")
        actor = Actor(olga.id, olga.role, olga.name)
        for number in range(count):
            title = LONG if number == 1 else f"Still {number}"
            image = make_row(actor, title=title, status="draft", persist_status="pending")
            trash.trash(actor, image.id)


def chosen(page: Page) -> Locator:
    return page.locator(".gone .check:checked")


def test_01_pictures_are_chosen_by_hand_and_by_keys_and_come_back_with_one_undo(open_page, stack, state):
    page = open_page()
    sign_up(page)
    page.context.storage_state(path=state)
    fill_trash(stack, 56)
    page.goto("/trash/")
    boxes, told = page.locator(".gone .check"), page.locator("[data-chosen]")
    expect(boxes).to_have_count(50)
    boxes.nth(2).click()
    boxes.nth(6).click(modifiers=["Shift"])
    expect(chosen(page)).to_have_count(5)
    expect(told).to_have_text("5 chosen")
    boxes.nth(4).click(modifiers=["Shift"])  # from the last one that was pressed
    expect(chosen(page)).to_have_count(2)
    page.keyboard.press("ArrowLeft")
    expect(boxes.nth(3)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+Space")
    expect(chosen(page)).to_have_count(4)
    page.get_by_text("All here").click()
    expect(told).to_have_text("50 chosen")
    page.get_by_text("All here").click()
    expect(chosen(page)).to_have_count(0)
    boxes.nth(0).check()
    page.locator(".gone").nth(5).get_by_role("button", name="Restore").click()
    expect(page.locator(".gone")).to_have_count(49)
    expect(page.locator("#nav-trash")).to_have_text("55")
    with read_again(page, "#trash"):
        page.locator(".toast").last.get_by_role("button", name="Undo").click()
    expect(page.locator("#nav-trash")).to_have_text("56")
    expect(boxes.nth(0)).to_be_checked()  # a list that is read again keeps what was chosen
    boxes.nth(1).check()
    page.get_by_role("button", name="Restore chosen").press("Enter")
    expect(page.locator(".toast").last).to_contain_text("2 pictures are back.")
    expect(page.locator("#trash-count")).to_contain_text("54 pictures")
    expect(page.get_by_role("button", name="Restore chosen")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator("#trash-count")).to_contain_text("56 pictures")
    assert serious_faults(page) == []


def test_02_it_fits_a_small_screen(open_page, state):
    page = open_page(390, state=state)
    page.goto("/trash/")
    expect(page.get_by_role("button", name="Restore chosen")).not_to_be_visible()
    pick = page.locator(".gone .pick").first
    box = pick.bounding_box()
    assert box and box["width"] >= 40 and box["height"] >= 40
    pick.click()
    expect(page.get_by_role("button", name="Restore chosen")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert serious_faults(page) == []
    page.goto("/history")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the history scrolls sideways"


def test_03_without_scripts_chosen_ones_are_restored_and_deleted(open_page, state):
    page = open_page(javascript=False, state=state)
    page.goto("/trash/")
    page.locator(".gone .check").nth(0).check()
    page.locator(".gone .check").nth(2).check()
    page.get_by_role("button", name="Restore chosen").click()
    expect(page.locator(".toast")).to_contain_text("2 pictures are back.")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#trash-count")).to_contain_text("56 pictures")
    page.locator(".gone .check").nth(0).check()
    page.get_by_role("button", name="Delete chosen for good").click()
    expect(page.locator("#trash-count")).to_contain_text("55 pictures")


# Questions


def question(page: Page) -> Locator:
    return page.get_by_role("alertdialog")


def refuse(page: Page, button: Locator) -> None:
    """By the key that leaves, by the one that answers, and by hand: nothing is sent, and the focus is where it was."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    for opens, closes in (("click", "Escape"), ("Enter", "Enter"), ("Space", "Escape"), ("click", "click")):
        button.click() if opens == "click" else button.press(opens)
        box = question(page)
        expect(box).to_be_visible()
        expect(box.get_by_role("button", name="Cancel")).to_be_focused()
        assert box.locator("p").inner_text().strip() and serious_faults(page) == []
        box.get_by_role("button", name="Cancel").click() if closes == "click" else page.keyboard.press(closes)
        expect(box).to_have_count(0)
        expect(button).to_be_focused()
    assert sent == []


def accept(page: Page, button: Locator, *, by: str) -> None:
    """The act has the words of the button; afterwards the focus is somewhere, too."""
    words = button.inner_text().strip()
    button.press("Enter") if by == "keys" else button.click()
    yes = question(page).get_by_role("button", name=words, exact=True)
    if by == "keys":
        page.keyboard.press("Tab")
        expect(yes).to_be_focused()
        page.keyboard.press("Enter")
    else:
        yes.click()
    expect(question(page)).to_have_count(0)


def has_focus(page: Page) -> None:
    expect(page.locator(":focus")).to_have_count(1)


@pytest.mark.parametrize("by", ["hand", "keys"])
def test_04_what_is_deleted_for_good_is_asked_in_the_page(open_page, stack, state, by):
    page = open_page(state=state)
    page.goto("/trash/")
    left = int(page.locator("#nav-trash").inner_text())
    first = page.locator(".gone").first
    gone = first.get_attribute("id")
    button = first.get_by_role("button", name="Delete for good")
    refuse(page, button)
    accept(page, button, by=by)
    expect(page.locator(f"#{gone}")).to_have_count(0)
    expect(page.locator(".gone .row .btn").first).to_be_focused()
    page.locator(".gone .check").nth(0).check()
    page.locator(".gone .check").nth(1).check()
    button = page.get_by_role("button", name="Delete chosen for good")
    refuse(page, button)
    expect(page.locator(".gone .check:checked")).to_have_count(2)
    accept(page, button, by=by)
    expect(page.locator(".toast").last).to_contain_text("2 pictures were deleted for good.")
    expect(page.locator("#nav-trash")).to_have_text(str(left - 3))
    expect(button).to_be_focused()
    button = page.get_by_role("button", name="Empty the trash")
    refuse(page, button)
    accept(page, button, by=by)
    expect(page.get_by_role("heading", name="The trash is empty")).to_be_visible()
    has_focus(page)
    fill_trash(stack, 4)


@pytest.mark.parametrize("by", ["hand", "keys"])
def test_05_so_is_what_takes_the_way_in_from_somebody(open_page, stack, state, by):
    with stack.bound():
        User.create(id=f"bo-{by}", email=f"{by}@example.org", name=f"Bo {by}", role="curator", password_hash="x", created_at=1)
    page = open_page(state=state)
    page.goto("/admin/users")
    row = page.locator("tr", has_text=f"Bo {by}")
    for name, told in (("Sign out everywhere", "Signed out in"), ("Disable the account", "can no longer sign in")):
        row.get_by_label("More for").click()
        button = row.get_by_role("button", name=name)
        refuse(page, button)
        accept(page, button, by=by)
        expect(page.locator(".toast").last).to_contain_text(told)
        has_focus(page)
    expect(row).to_contain_text("Disabled")

    page.goto("/admin/programs")
    page.get_by_label("Name").fill(f"Film {by}")
    page.get_by_role("button", name="Make the key").click()
    program = page.locator(".client", has=page.get_by_role("heading", name=f"Film {by}"))
    for name, told in (("Revoke", "is revoked."), ("Disable", "keys no longer work")):
        button = program.get_by_role("button", name=name)
        refuse(page, button)
        accept(page, button, by=by)
        expect(page.locator(".toast").last).to_contain_text(told)
        has_focus(page)

    other = open_page()
    sign_in(other)
    page.goto("/account")
    button = page.get_by_role("button", name="Sign out everywhere else")
    refuse(page, button)
    other.goto("/account")
    assert other.url.endswith("/account")
    accept(page, button, by=by)
    expect(button).to_have_count(0)
    has_focus(page)
    other.goto("/account")
    assert "/sign-in" in other.url
