"""The bytes of a picture for paper: of the smallest stored size that is sharp there, or of a JPEG original as it is."""

from pindeck import storage
from pindeck.errors import NotFound, PindeckError
from pindeck.exports.content import Still
from pindeck.imaging import printing
from pindeck.imaging.errors import BadImage
from pindeck.imaging.presets import PRESET_VERSION, PRESETS, rendition_size
from pindeck.models import Blob, Derivative
from pindeck.paper.sheets import Placed
from pindeck.services.derivatives import on_demand
from pindeck.services.images import rights
from pindeck.states import BlobState

DPI = {"screen": 150, "print": 300}
NAMES = {"screen": ("small", "medium", "large", "screen"), "print": ("small", "medium", "large", "print")}  # the sizes that it may be of
_MOST_ORIGINAL = 6 * 2**20  # bytes of an original that goes into a file as it is
_ENOUGH, _TOO_MUCH = 0.95, 2.0  # times as many pixels as are wanted


def placed(
    still: Still, width_pt: float, height_pt: float, quality: str, *, ratio: float | None = None, link: str = "", grey: float = 0
) -> Placed | None:
    """A picture for a box of so many points, cut to `ratio`, with so much of its colour taken away; None where its bytes cannot
    be read now."""
    px = DPI[quality] / 72
    if ratio is not None and printing.cut(still.width, still.height, ratio, still.focal) == (0, 0, still.width, still.height):
        ratio = None  # nothing would be cut
    if ratio is None:  # the whole picture, which fills the box one way
        scale = min(width_pt / still.width, height_pt / still.height) * px
        wanted = (max(1, round(still.width * scale)), max(1, round(still.height * scale)))
    else:
        scale = max(width_pt * px / min(still.width, still.height * ratio), 0)
        wanted = (max(1, round(still.width * scale)), max(1, round(still.height * scale)))
    words = still.title if not still.description else f"{still.title}. {still.description}"
    sign = rights.SIGN if rights.is_marked(still) else ""
    if sign:
        words = f"{rights.TITLE}. {words}"
    try:
        if ratio is None and not grey and (own := _original(still, wanted)) is not None:
            return Placed(own, still.width, still.height, words, link, sign)
        across, down = (round(width_pt * px), round(height_pt * px)) if ratio else wanted
        data, width, height = printing.as_jpeg(
            _stored(still, wanted, quality), width_px=across, height_px=down, quality=quality, ratio=ratio, focal=still.focal, grey=grey
        )
    except (PindeckError, BadImage, FileNotFoundError):
        return None
    return Placed(data, width, height, words, link, sign)


def _original(still: Still, wanted: tuple[int, int]) -> bytes | None:
    """A JPEG original goes in as it is where it has about as many pixels as are wanted, or fewer."""
    if still.mime != "image/jpeg" or still.width > wanted[0] * _TOO_MUCH:
        return None
    blob = Blob.get_or_none((Blob.id == still.blob_id) & (Blob.state == BlobState.LIVE) & Blob.damaged_at.is_null())
    if blob is None or blob.size > _MOST_ORIGINAL:
        return None
    with storage.current().open(blob.object_key) as stream:
        return printing.bare_jpeg(stream.read())


def _stored(still: Still, wanted: tuple[int, int], quality: str) -> bytes:
    with storage.current().open(whole(still, wanted, quality).object_key) as stream:
        return stream.read()


def whole(still: Still, wanted: tuple[int, int], quality: str = "screen") -> Derivative:
    """The smallest size with as many pixels as are wanted, else the largest there is; made where it is missing. Raises what
    `on_demand.make` raises."""
    if still.blob_id is None:
        raise NotFound("This picture is not stored here.")
    names = NAMES[quality]
    name = next((each for each in names if _has(still, each) >= wanted[0] * _ENOUGH or _has(still, each) >= still.width), names[-1])
    current = (Derivative.preset_version == PRESET_VERSION) & Derivative.damaged_at.is_null()
    row = Derivative.get_or_none((Derivative.blob == still.blob_id) & (Derivative.preset == name) & current)
    if row is None:
        row = on_demand.make(still.blob_id, name, (still.width, still.height))
    return row  # type: ignore[no-any-return]


def _has(still: Still, name: str) -> int:
    return rendition_size(still.width, still.height, PRESETS[name])[0]
