"""One whole story on PostgreSQL, Valkey and an S3 server: the wheel alone, deployed through the Procfile."""

import hashlib
import re
import shutil
import signal

import psutil
import pytest
import urllib3

from pindeck import storage
from pindeck.models import Blob, Image
from pindeck.services.maintenance import doctor
from tests import invariants
from tests.installing import install
from tests.kill.test_web_queue_and_disk import Person, all_safe
from tests.servers.postgres import start_postgres
from tests.servers.s3 import start_ministack
from tests.stack import Stack, wait_for
from tests.stills import jpeg

# The first one waits for the installation, and perhaps for a download.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deployed")
    installed = install(folder)
    # Neither the checkout nor git is where the processes start: only what the wheel itself writes there.
    root = folder / "app"
    assert installed.run("pindeck", "procfile", str(root), cwd=folder).returncode == 0
    shutil.move(installed.checkout / "pindeck", folder / "out-of-reach")
    s3, postgres = start_ministack(folder), start_postgres(folder)
    environ = {**s3.environ(), "DATABASE_URL": postgres.create_database("pindeck"), "PRIVATE_REDIRECT": "1"}
    stack = Stack(folder / "stack", environ, root=root, programs=installed.programs).start()
    yield stack
    stack.stop()
    postgres.stop()
    s3.stop()


def test_a_picture_goes_from_disk_to_the_library_and_out_again(deployed):
    person = Person(deployed.base).sign_up()
    data = jpeg(1, (1600, 900))
    answer = person.upload(data, "neon alley.jpg")
    assert answer.status == 200, answer.data
    image_id = re.search(rb'data-id="([^"]+)"', answer.data).group(1).decode()
    with deployed.bound():
        wait_for(all_safe, 60, "the picture to be safe", deployed.log)
        invariants.check()
    draft = person.get(f"/i/{image_id}")
    assert draft.status == 302, "a private original is answered with a short-lived address"
    direct = urllib3.request("GET", draft.headers["Location"], timeout=60)
    assert hashlib.sha256(direct.data).digest() == hashlib.sha256(data).digest()
    assert urllib3.request("GET", deployed.base + f"/i/{image_id}", timeout=60).status == 404
    assert person.post(f"/review/{image_id}/publish", {}).status == 303
    with deployed.bound():
        wait_for(lambda: Image.get(Image.id == image_id).public_token, 60, "public copies", deployed.log)
        image = Image.get(Image.id == image_id)
        key = storage.keys.public_key(image.public_token, "small") if hasattr(storage, "keys") else None
    page = urllib3.request("GET", deployed.base + "/", timeout=60).data.decode()
    source = re.search(r'src="(/media/[^"]+-w320\.webp)"', page).group(1)
    small = urllib3.request("GET", deployed.base + source, timeout=60)
    assert small.status == 200
    assert small.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert key is None or source.endswith(key)
    whole = urllib3.request("GET", deployed.base + f"/i/{image_id}", timeout=60)
    assert whole.data == data
    part = urllib3.request("GET", deployed.base + f"/i/{image_id}", headers={"Range": "bytes=100-199"}, timeout=60)
    assert (part.status, part.data) == (206, data[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(data)}"
    person.get("/")
    assert person.post(f"/images/{image_id}/trash", {}).status == 303
    assert urllib3.request("GET", deployed.base + source, timeout=60).status == 404, "out of reach at once"
    person.get("/trash/")
    assert person.post(f"/images/{image_id}/delete", {}).status == 303
    with deployed.bound():
        wait_for(lambda: Blob.select().count() == 0, 60, "the objects to go", deployed.log)
        left = [o.key for o in storage.current().list("media-uploads/")]
        assert left == []


def test_the_doctor_is_content(deployed):
    with deployed.bound():
        findings = doctor.examine(lambda: True)
    assert [f for f in findings if not f.ok] == []
    assert deployed.answers("/readyz")


def test_the_first_process_of_each_is_asked_to_stop_and_all_of_it_ends_cleanly(deployed):
    """As platforms do with SIGTERM; what had come from them is gone as well."""
    first = [deployed.web, *deployed.workers]
    all_of_it = [child for one in first for child in psutil.Process(one.pid).children(recursive=True)]
    assert len(all_of_it) >= 1
    for process in first:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(60) for process in first] == [0, 0]
    assert psutil.wait_procs(all_of_it, timeout=60)[1] == []
    assert "Traceback" not in deployed.log()
