"""A picture that lies elsewhere, and what is asked of its image."""

from pindeck.models import Image
from tests.factories import fresh, photo

PICTURE = photo(mark="from elsewhere", size=(80, 60))


def get(image_id: str) -> Image:
    return Image.get(Image.id == image_id)


def status_of(image: Image) -> tuple[str, str, str]:
    found = fresh(image)
    return found.status, found.ai_status, found.persist_status
