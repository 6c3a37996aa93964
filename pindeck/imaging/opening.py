"""Opens a file as one of the accepted formats, checks its size before decoding, and words what goes wrong."""

import errno
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from pindeck.imaging import jpeg, keyed, png, sniff
from pindeck.imaging.errors import CUT_OFF, DAMAGED, TOO_LARGE, BadImage, NotAPicture
from pindeck.imaging.spliced import Spliced
from pindeck.imaging.structure import check_size
from pindeck.imaging.told import note_space

try:
    import pillow_heif
except ImportError:
    pillow_heif = None  # type: ignore[assignment]
else:
    pillow_heif.register_heif_opener()
    pillow_heif.options.DECODE_THREADS = 1

# The formats taken, in the order they are tried, each with its media type and the extension of its file.
FORMATS: dict[str, tuple[str, str]] = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    "GIF": ("image/gif", "gif"),
    "AVIF": ("image/avif", "avif"),
    **({"HEIF": ("image/heic", "heic")} if pillow_heif else {}),
}

# Loaded with this module. Asked for one that is not, Pillow loads all of its forty, and a forked child would each time; so it
# would with those that Pillow loads when the first picture is opened.
_AT_HAND = (GifImagePlugin, JpegImagePlugin, MpoImagePlugin, WebPImagePlugin)
Image.preinit()

# The cap of open_picture stands in the place of Pillow's own. Pillow's is one number for the whole process
# that warns first and refuses only at twice the number; ours comes from a setting with each call.
Image.MAX_IMAGE_PIXELS = None
# Pillow warns of each broken note in a file, with the numbers found there; strangers do not write our log.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
# One thread per decoder: work is spread over processes, and each further thread takes memory of its own.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# Editing programs write more than a megabyte of notes into a PNG, and such a picture is not a hostile one.
PngImagePlugin.MAX_TEXT_CHUNK = 8 * 1024 * 1024

_MOST_EXIF_BYTES = 1024 * 1024
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@contextmanager
def wording_faults() -> Iterator[None]:
    """Turn whatever a decoder raises into BadImage. A failing disk (OSError with errno) stays what it is."""
    try:
        yield
    except BadImage:
        raise
    except MemoryError:
        raise BadImage(TOO_LARGE) from None
    except EOFError as error:
        raise BadImage(CUT_OFF) from error
    except Exception as error:
        # Broken offsets make a decoder seek to impossible places; that is the only errno a file can cause.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        told = str(error).lower()
        if "out of memory" in told:
            raise BadImage(TOO_LARGE) from None
        cut_off = any(words in told for words in ("truncated", "not enough", "eof", "end of file"))
        raise BadImage(CUT_OFF if cut_off else DAMAGED) from error


def open_picture(file: BinaryIO, *, max_megapixels: int) -> ImageFile.ImageFile:
    """Read the header only. Raises BadImage for other formats and for more than `max_megapixels`.

    `file` must be seekable and stays open; the picture reads from it later.
    """
    with wording_faults():
        file.seek(0)
        head = file.read(1024)
        # Pillow takes memory for the whole canvas while it opens a WebP file, so this size is checked before.
        if canvas := sniff.webp_canvas(head):
            check_size(canvas, max_megapixels)
        parts = _parts_of(file, head)
        image = (parts and _without_faulty_notes(file, parts)) or _opened(file)
        if image is None:
            raise NotAPicture(sniff.reason_for(head))
        check_size(image.size, max_megapixels)
        note_space(image, file, parts)
        if isinstance(parts, png.Parts):
            keyed.note_key(image, parts)
        return image


def load(image: ImageFile.ImageFile, file: BinaryIO) -> None:
    """Decode what `open_picture` opened from `file`. Raises BadImage where rows are missing."""
    read_from = image.fp
    image.load()
    if isinstance(read_from, Spliced) and read_from.is_short:
        jpeg.check_all_rows(file, jpeg.parts_of(file), image)
    keyed.clear_key(image, file)


def _parts_of(file: BinaryIO, head: bytes) -> jpeg.Parts | png.Parts | None:
    if head.startswith(b"\xff\xd8\xff"):
        return jpeg.parts_of(file)
    return png.parts_of(file) if head.startswith(b"\x89PNG\r\n\x1a\n") else None


def _without_faulty_notes(file: BinaryIO, parts: jpeg.Parts | png.Parts) -> ImageFile.ImageFile | None:
    """A JPEG or PNG, from the parts that its picture is made of; None where that does not help."""
    tail = jpeg.END if isinstance(parts, jpeg.Parts) else b""
    with suppress(ValueError, LookupError, TypeError, SyntaxError):
        if image := _opened(Spliced(file, parts.kept, tail)):
            return image
    return _opened(Spliced(file, parts.bare, tail))


def _opened(file: BinaryIO | Spliced) -> ImageFile.ImageFile | None:
    file.seek(0)
    try:
        return Image.open(file, formats=tuple(FORMATS))  # type: ignore[arg-type]
    except UnidentifiedImageError:
        return None


def format_of(image: ImageFile.ImageFile) -> str:
    """The key into FORMATS. Cameras store previews behind a JPEG; Pillow calls that MPO."""
    name = image.format or ""
    return "JPEG" if name == "MPO" else name


def count_frames(image: ImageFile.ImageFile, file: BinaryIO) -> int:
    """Frames of an animation. A GIF has no number in its header, so its blocks are walked, up to 1000."""
    name = format_of(image)
    if name == "GIF":
        file.seek(0)
        return sniff.gif_frames(file.read())
    if name in ("PNG", "WEBP", "AVIF"):
        return max(1, int(getattr(image, "n_frames", 1)))
    return 1


def exif_of(image: Image.Image) -> Image.Exif:
    """The picture's EXIF block; empty if there is none or it cannot be read. PNG must be loaded before."""
    # Pillow would take an orientation from XMP too. Browsers do not, and both must show the same picture.
    for key in ("xmp", "XML:com.adobe.xmp"):
        image.info.pop(key, None)
    for key in ("exif", "Raw profile type exif"):
        if len(image.info.get(key) or b"") > _MOST_EXIF_BYTES:
            del image.info[key]
    try:
        return image.getexif()
    except Exception:
        return Image.Exif()


def orientation_of(exif: Image.Exif) -> int:
    """1 to 8; 1 for anything else."""
    try:
        value = exif.get(0x0112)
    except Exception:
        return 1
    return value if isinstance(value, int) and value in _TRANSPOSE else 1


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture turned as its orientation (1 to 8) says."""
    method = _TRANSPOSE.get(orientation)
    return image if method is None else image.transpose(method)


def upright_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Width and height after turning."""
    return (size[1], size[0]) if orientation >= 5 else size
