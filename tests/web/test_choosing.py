"""Choosing pictures of the gallery: the bar, one inspector for many, what is foreseen, the trash and the ZIP, for each kind of
person, with scripts and without."""

import csv
import hashlib
import io
import socket
import threading
import time
import zipfile
from urllib.parse import quote

import pytest

from pindeck.http import zipping
from pindeck.http.connection import Allowance, Client
from pindeck.models import Action, Checksum, FieldEvent, Image
from pindeck.services.actions import log
from pindeck.services.images import inspector, ledger
from pindeck.services.library import archive
from pindeck.services.library.choices import Choice
from tests.conftest import HTMX
from tests.factories import fresh, make_active, make_row, new_photo

DOORS = ("/choose/trash", "/choose/download", "/inspector/", "/inspector/preview", "/inspector/save")


def tags(image):
    return ledger.tags_of(image.id)


def test_who_may_choose(client_for, olga, gus):
    image = make_row(olga)
    for actor, page, door in ((None, (302, 303), (303,)), (gus, (403,), (403,))):
        client = client_for(actor)
        assert client.get("/choose").status_code in page
        wall = client.get("/").text
        assert image.title in wall and "data-choose" not in wall and "choose-form" not in wall
        for address in DOORS:
            assert client.post(address, data={"ids": image.id}).status_code in door, address
    assert fresh(image).deleted_at is None


def test_the_bar_counts_what_the_filters_find_and_the_page_works_without_scripts(client_for, olga):
    for number in range(3):
        make_row(olga, title=f"Rain {number}", genre="Noir" if number else None)
    client = client_for(olga)
    wall = client.get("/?genre=Noir").text
    assert 'href="/choose?genre=Noir"' in wall and 'name="ids"' not in wall
    bar = client.get("/choose?genre=Noir", headers=HTMX).text
    assert "All <b>2</b> that match" in bar and 'name="query" value="genre=Noir"' in bar and "<html" not in bar
    page = client.get("/choose?genre=Noir").text
    assert page.count('name="ids"') == 2 and "<html" in page
    assert "No picture matches" in client.get("/choose?genre=Opera").text


def test_a_query_that_narrows_nothing_means_nothing_and_a_long_one_is_read_to_its_end(client_for, olga):
    image, client = make_row(olga, title="Дождь"), client_for(olga)
    for query in ("tag=", "q=tag%3A", "tag:", "is:nonsense", "liked=yes", "q=" + "x" * 20_000):
        for door in DOORS:
            assert client.post(door, data={"all": "1", "query": query, "tags": "x", "was-tags": ""}).status_code == 422, (door, query)
    client.post("/choose/trash", data={"all": "1", "query": "q=" + quote("Дождь " * 60) + "&genre=Noir"})
    assert fresh(image).deleted_at is None and not Action.select().exists()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_words_are_added_removed_replaced_and_cleared_for_all_that_match(client_for, olga, headers):
    one, two = make_row(olga, tags=["rain", "night"], genre="Noir"), make_row(olga, tags=["rain"], genre="Noir")
    other = make_row(olga, tags=["rain"])
    client = client_for(olga)
    asked = {"all": "1", "query": "genre=Noir"}
    sheet = client.post("/inspector/", data=asked, headers=headers).text
    assert "2 pictures" in sheet and 'name="how-tags"' in sheet and 'name="query" value="genre=Noir"' in sheet
    for how, words, left in (
        ("remove", "Rain", ([*("night",)], [])),
        ("add", "wet", (["night", "wet"], ["wet"])),
        ("replace", "neon, sign", (["neon", "sign"], ["neon", "sign"])),
        ("clear", "", ([], [])),
    ):
        answer = client.post("/inspector/save", data={**asked, "tags": words, "was-tags": "", "how-tags": how}, headers=headers)
        assert answer.status_code == (200 if headers else 303), answer.text
        assert (tags(one), tags(two)) == left
    assert tags(other) == ["rain"]
    assert Action.select().where(Action.verb == "image.set").count() == 4
    answer = client.post("/inspector/save", data={**asked, "clear": "genre"}, headers=headers)
    assert fresh(one).genre is None and fresh(two).genre is None
    wrong = client.post("/inspector/save", data={"ids": one.id, "tags": "x", "how-tags": "burn"}, headers=headers)
    assert wrong.status_code == 422 and "Say add, remove or replace for Tags." in wrong.text and tags(one) == []


def test_a_preview_says_what_changes_and_what_stays_and_changes_nothing(client_for, olga, sam):
    one, two, three = (make_row(olga, title=f"No {n}", tags=["rain"] if n else []) for n in range(3))
    client = client_for(olga)
    ids = f"{one.id} {two.id} {three.id}"
    since = FieldEvent.select().order_by(FieldEvent.id.desc()).get().id
    ledger.edit(sam, three.id, "tags", "fog")
    before = FieldEvent.select().count()
    data = {"ids": ids, "since": str(since), "tags": "rain", "how-tags": "remove"}
    told = " ".join(client.post("/inspector/preview", data=data, headers=HTMX).text.split())
    assert "1 picture changes, 1 has it already" in told and "“No 2” stays: Sam has changed Tags meanwhile." in told, told
    assert FieldEvent.select().count() == before and f'name="since" value="{since}"' in told
    saved = client.post("/inspector/save", data=data, headers=HTMX).text
    assert "Tags saved. 1 picture has been changed by somebody else meanwhile and stayed as it is." in saved
    assert (tags(two), tags(three)) == ([], ["fog"])
    assert "Choose one of" in client.post("/inspector/preview", data={"ids": ids, "group": "Opera"}, headers=HTMX).text
    assert "no field has another value" in client.post("/inspector/preview", data={"ids": ids}, headers=HTMX).text


@pytest.mark.parametrize("door", ["/inspector/", "/inspector/save", "/inspector/preview", "/choose/trash", "/choose/download"])
def test_strange_choices_are_refused_with_a_sentence(client_for, olga, door):
    make_row(olga)
    client = client_for(olga)
    for sent, status in (
        ({"ids": "\x00 x"}, (404, 200)), ({"ids": [f"x{n}" for n in range(10_001)]}, (422,)), ({}, (422,)),
        ({"all": "1", "query": "nonsense=1"}, (422,)), ({"all": "1", "query": "genre=Opera"}, (404, 422, 200)),
        ({"ids": "x", "since": "9" * 40}, (404, 200)),
    ):  # fmt: skip
        assert client.post(door, data={**sent, "genre": "Noir"}, headers=HTMX).status_code in status, (door, str(sent)[:60])
    assert Image.get().genre is None and Image.get().deleted_at is None


@pytest.mark.parametrize("part", [1, 250])
def test_palettes_are_as_they_were_measured_again_as_one_action_that_comes_back(
    client_for, olga, sam, run_jobs, monkeypatch, change_settings, part
):
    images = [make_active(olga, new_photo(colour=colour)) for colour in ((200, 16, 46), (16, 200, 46))]
    row, measured = make_row(olga), [image.colors for image in images]
    for image in images:
        ledger.write(image.id, {"colors": ["#000000", "#ffffff"]}, ledger.person(olga))
    change_settings(metadata_edit_policy="owner")
    monkeypatch.setattr(log, "PART", part)
    client, sent = client_for(olga), {"ids": [image.id for image in (*images, row)]}
    assert client_for(sam).post("/choose/palette", data=sent, headers=HTMX).status_code == 404
    assert "Palette again" in client.get("/choose", headers=HTMX).text
    told = client.post("/choose/palette", data=sent, headers=HTMX).text
    assert "The palettes are as they were measured." in told if part > 1 else "Read the palette again: 0 of 3 pictures so far." in told
    run_jobs()
    assert [fresh(image).colors for image in images] == measured and measured[0] != measured[1]
    assert "Olga, as measured" in client.get(f"/images/{images[0].id}/history").text
    client.post("/actions/last/undo", headers=HTMX)
    run_jobs()
    assert {tuple(fresh(image).colors[:2]) for image in images} == {("#000000", "#ffffff")}


def test_what_is_not_ones_own_to_edit_is_counted_and_stays(client_for, olga, sam, change_settings):
    mine, theirs = make_row(sam, genre="Noir"), make_row(olga, genre="Noir")
    change_settings(metadata_edit_policy="owner")
    client = client_for(sam)
    for sent in ({"all": "1", "query": "genre=Noir"}, {"ids": f"{mine.id} {theirs.id}"}):
        assert "1 more is not yours to edit" in " ".join(client.post("/inspector/", data=sent, headers=HTMX).text.split())
    client.post("/inspector/save", data={"all": "1", "query": "genre=Noir", "shot": "Wide"}, headers=HTMX)
    assert (fresh(mine).shot is None, fresh(theirs).shot) == (False, None)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_the_chosen_go_to_the_trash_as_one_action_and_others_stay(client_for, olga, sam, headers):
    mine, theirs = make_row(sam), make_row(olga)
    client = client_for(sam)
    answer = client.post("/choose/trash", data={"ids": [mine.id, theirs.id, "strange"]}, headers=headers)
    told = answer.text if headers else client.get("/").text
    assert "1 picture is in the trash. 2 stayed: you can only delete pictures that you uploaded." in told
    assert fresh(mine).is_trashed and not fresh(theirs).is_trashed
    assert client.post("/actions/last/undo").status_code == 303 and not fresh(mine).is_trashed
    for sent, status in (({}, 422), ({"ids": ["x"] * 10_001}, 422), ({"all": "1", "query": "nonsense=1"}, 422)):
        assert client.post("/choose/trash", data=sent, headers=headers).status_code == status, sent


def test_more_than_a_part_goes_to_the_trash_as_a_job(client_for, olga, run_jobs, monkeypatch):
    monkeypatch.setattr(log, "PART", 2)
    for _ in range(5):
        make_row(olga, genre="Noir")
    stays = make_row(olga)
    answer = client_for(olga).post("/choose/trash", data={"all": "1", "query": "genre=Noir"}, headers=HTMX)
    assert answer.status_code == 200 and "0 of 5 pictures so far" in answer.text
    run_jobs()
    assert [image.id for image in Image.select().where(Image.deleted_at.is_null())] == [stays.id]
    assert client_for(olga).post("/actions/last/undo", headers=HTMX).status_code == 200
    run_jobs()
    assert Image.select().where(Image.deleted_at.is_null()).count() == 6


def test_a_zip_has_its_length_and_each_original_under_a_name_of_its_own(client_for, olga, sam):
    images = [make_active(olga) for _ in range(2)]
    for image, name in zip(images, ("NUL.jpg", "Ж" * 240 + "." + "🎬" * 20 + "..."), strict=True):
        Image.update(original_filename=name).where(Image.id == image.id).execute()
    gone = make_row(olga, title="Lost", file=None, external_url="https://a.example/x.jpg")
    hidden = make_row(sam, visibility="private")
    data = {"ids": [*(image.id for image in images), gone.id, hidden.id]}
    answer = client_for(olga).post("/choose/download", data=data)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/zip"
    assert len(answer.data) == int(answer.headers["Content-Length"])
    packed, long = zipfile.ZipFile(io.BytesIO(answer.data)), "Ж" * 100 + "." + "🎬" * 5  # no folder takes more than 255 bytes
    assert packed.testzip() is None and len(set(packed.namelist())) == 4
    assert set(packed.namelist()) == {"_NUL.jpg", long, "Left out.txt", "Pictures.csv"}  # as every system can unpack it
    assert {info.compress_type for info in packed.infolist()} == {zipfile.ZIP_STORED}
    assert "Lost" in packed.read("Left out.txt").decode()
    # The next one does not read what is kept on the disk: the system sends it.
    assert {row.crc32 for row in Checksum.select()} == {packed.getinfo(name).CRC for name in ("_NUL.jpg", long)}
    found = archive.of(olga, Choice(ids=tuple(data["ids"])))
    reader, accepted = socket.socketpair()
    connection = Client(accepted, Allowance(1), Allowance(2**20), lambda: None)
    sent, received = [], []
    reading = threading.Thread(target=lambda: received.extend(iter(lambda: reader.recv(2**20), b"")))
    reading.start()
    with zipping.send_zip(found, "a.zip", connection=connection) as answer:
        for piece in answer.response:
            sent.append(piece)
            connection.sendall(piece)
    connection.shutdown(socket.SHUT_WR)
    reading.join()
    again = zipfile.ZipFile(io.BytesIO(b"".join(received)))
    assert again.testzip() is None and {name: again.read(name) for name in again.namelist()} == {name: packed.read(name) for name in packed.namelist()}
    unread = sum(info.file_size for info in packed.infolist()[:2])
    assert len(b"".join(received)) == int(answer.headers["Content-Length"]) == len(b"".join(sent)) + unread
    reader.close(), connection.close()
    small = client_for(olga).post("/choose/download", data={**data, "size": "small"})
    assert all(name.endswith((".webp", ".txt", ".csv")) for name in zipfile.ZipFile(io.BytesIO(small.data)).namelist())


def test_a_zip_says_what_is_in_it_and_heeds_the_rights(client_for, olga, change_settings):
    one = make_active(olga, new_photo(), title="Rain", project="Night: Ride", source="=Deakins", rights="own")
    other = make_active(olga, new_photo(), title="Fog")
    Image.update(source_url="https://a.example/").where(Image.id == one.id).execute()
    data = {"ids": [one.id, other.id], "folders": "project"}
    answer = client_for(olga).post("/choose/download", data=data)
    packed = zipfile.ZipFile(io.BytesIO(answer.data))
    assert len(answer.data) == int(answer.headers["Content-Length"]) and packed.testzip() is None
    head, *rows = csv.reader(io.StringIO(packed.read("Pictures.csv").decode("utf-8-sig")))
    assert head == ["File", "Title", "Credit", "Rights", "Address of the source", "SHA-256"] and len(rows) == 2
    assert {name for name, *_ in rows} == {"Night_ Ride/alley.jpg", "alley.jpg"} and ["Rain", "'=Deakins", "Own", "https://a.example/"] in [row[1:5] for row in rows]
    assert all(hashlib.sha256(packed.read(name)).hexdigest() == digest for name, *_, digest in rows)
    change_settings(export_rights="refuse")
    refused = client_for(olga).post("/choose/download", data=data)
    assert refused.status_code == 409 and "“Fog” (rights unknown) is not cleared" in refused.text
    assert client_for(olga).post("/choose/download", data={**data, "folders": "x"}).status_code == 422


def test_a_zip_of_ten_thousand_and_of_more_than_four_gigabytes_knows_its_length(client_for, olga, monkeypatch):
    """What is told before is what comes: sizes and counts that the old form of a ZIP cannot hold change it by a known number of bytes."""
    entries = [archive.Entry(f"{n:05d}.jpg", "none", 1) for n in range(10_000)]
    monkeypatch.setattr(archive.Entry, "read", lambda entry: iter([b"x" * entry.size]))
    for many in (entries, [archive.Entry(f"{n}.jpg", "none", 1) for n in range(70_000)]):
        with zipping.send_zip(archive.Archive(many, []), "a.zip") as answer:
            assert sum(len(part) for part in answer.response) == int(answer.headers["Content-Length"])
    monkeypatch.setattr(time, "localtime", lambda: (1970, 1, 1, 0, 0, 1))  # a clock that was never set
    with zipping.send_zip(archive.Archive([archive.Entry("film.tif", "none", 5 * 2**30)], []), "a.zip") as answer:
        assert int(answer.headers["Content-Length"]) > 5 * 2**30
    monkeypatch.setattr(archive, "MOST_BYTES", 5)
    told = client_for(olga).post("/choose/download", data={"ids": make_active(olga).id})
    assert told.status_code == 422 and "Choose fewer, or a smaller size." in told.text


def test_a_search_that_finds_more_than_one_zip_takes_is_refused(client_for, olga, monkeypatch):
    make_active(olga), make_active(olga)
    with monkeypatch.context() as strict:
        strict.setattr(archive, "MOST", 1)
        refused = client_for(olga).post("/choose/download", data={"all": "1"})
    assert refused.status_code == 422 and "These are 2 pictures; one ZIP takes at most 1." in refused.text
    assert client_for(olga).post("/choose/download", data={"all": "1"}).status_code == 200


def test_a_wrong_zip_is_refused_and_a_third_one_waits(client_for, olga):
    image = make_active(olga)
    client = client_for(olga)
    assert client.post("/choose/download", data={"ids": image.id, "size": "huge"}).status_code == 422
    assert client.post("/choose/download", data={"ids": make_row(olga, file=None, external_url="https://a.example/x.jpg").id}).status_code == 404
    answers = [client.post("/choose/download", data={"ids": image.id}, buffered=False) for _ in range(zipping.AT_ONCE)]
    busy = client.post("/choose/download", data={"ids": image.id})
    assert busy.status_code == 503 and busy.headers["Retry-After"] == "30"
    for answer in answers:
        answer.close()
    assert client.post("/choose/download", data={"ids": image.id}).status_code == 200


def test_readers_of_zips_that_take_too_little_lose_their_places(client_for, olga, monkeypatch):
    image = make_active(olga)
    client = client_for(olga)
    slow = [client.post("/choose/download", data={"ids": image.id}, buffered=False) for _ in range(zipping.AT_ONCE)]
    with monkeypatch.context() as strict:
        strict.setattr(zipping, "PATIENCE_S", 0)
        strict.setattr(zipping, "SLOWEST", 2**60)  # nobody is as quick
        for answer in slow:
            with pytest.raises(ConnectionAbortedError):
                list(answer.iter_encoded())
    assert client.post("/choose/download", data={"ids": image.id}).status_code == 200


def test_what_somebody_writes_in_the_same_moment_stays(olga, sam, monkeypatch):
    image, real = make_row(olga, title="Before"), ledger.set_many
    since = inspector.look_at(olga, [image.id]).seen

    def after_another(*given, **named):
        monkeypatch.setattr(ledger, "set_many", real)
        ledger.edit(sam, image.id, "title", "Of Sam")
        return real(*given, **named)

    monkeypatch.setattr(ledger, "set_many", after_another)
    inspector.save(olga, [image.id], inspector.Changes({"title": "Of Olga"}, since=since))
    assert fresh(image).title == "Of Sam"
