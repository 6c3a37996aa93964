"""Derivatives: size, colour, turning, transparency and what must not be in them."""

import base64
import io
import struct
import tracemalloc
import zlib

import pytest
import thumbhash
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageStat

from pindeck.imaging import palette
from pindeck.imaging.derivatives import EAGER, PRESETS, Built, build, from_rendition, rendition_size
from pindeck.imaging.errors import BadImage
from pindeck.imaging.probe import check_upload

from .pictures import DISPLAY_P3, FORMATS, chunk, opened, png, profile, quarters, saved, texture


def built(file: io.BytesIO, **options: float) -> Built:
    return build(file, max_megapixels=100, **options)


def rendition(result: Built, name: str = "large") -> Image.Image:
    return opened(next(one.data for one in result.renditions if one.preset == name))


def average(image: Image.Image) -> list[float]:
    return ImageStat.Stat(image.convert("RGB")).mean


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference per channel, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


def sizes(result: Built) -> dict[str, tuple[int, int]]:
    return {one.preset: (one.width, one.height) for one in result.renditions}


def test_the_registry_holds_the_documented_presets() -> None:
    assert [preset.name for preset in EAGER] == ["large", "medium", "small", "preview"]
    told = {p.name: (p.max_width, p.max_height, p.quality, p.folder + p.suffix) for p in PRESETS.values()}
    assert told == {
        "large": (1280, None, 82, "high-w1280.webp"),
        "medium": (768, None, 82, "high-w768.webp"),
        "small": (320, None, 82, "low-w320.webp"),
        "preview": (640, 360, 78, "preview-preview.webp"),
        "lg": (700, 700, 80, "thumb-lg.webp"),
        "sm": (300, 300, 80, "thumb-sm.webp"),
        "screen": (2560, 2560, 82, "high-w2560.webp"),
        "print": (3508, 3508, 88, "print-print.jpg"),
    }


@pytest.mark.parametrize(
    ("original", "preset", "size"),
    [
        ((4000, 3000), "large", (1280, 960)),
        ((4000, 3000), "preview", (480, 360)),
        ((1920, 1080), "preview", (640, 360)),
        ((2000, 1000), "sm", (300, 150)),
        ((2000, 1000), "lg", (700, 350)),
        ((1000, 2000), "small", (320, 640)),
        ((6000, 4000), "screen", (2560, 1707)),
        ((4000, 6000), "screen", (1707, 2560)),
        ((2000, 1000), "screen", (2000, 1000)),
        ((100, 50), "large", (100, 50)),
        ((1, 1), "sm", (1, 1)),
        ((10_000, 1), "large", (1280, 1)),
        ((300, 20_000), "large", (246, 16383)),
        ((300, 20_000), "small", (246, 16383)),
        ((20_000, 300), "large", (1280, 19)),
    ],
)
def test_sizes_keep_the_shape(original: tuple[int, int], preset: str, size: tuple[int, int]) -> None:
    assert rendition_size(*original, PRESETS[preset]) == size


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from(list(PRESETS.values())))
def test_sizes_are_never_zero_nor_larger_than_the_original_or_the_box(width, height, preset) -> None:
    w, h = rendition_size(width, height, preset)
    assert 1 <= w <= min(width, preset.max_width)
    assert 1 <= h <= min(height, preset.max_height or 16383, 16383)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_all_renditions_of_the_same_picture(name: str) -> None:
    file = saved(texture(1600, 1000), name)
    picture = opened(file.getvalue()).convert("RGB")
    result = built(file)
    assert sizes(result) == {
        "large": (1280, 800),
        "medium": (768, 480),
        "small": (320, 200),
        "preview": (576, 360),
    }
    for one in result.renditions:
        image = opened(one.data)
        assert (image.format, image.size, one.mime) == ("WEBP", (one.width, one.height), "image/webp")
        assert difference(image, picture.resize(image.size, Image.Resampling.LANCZOS)) < 6
    assert (result.probe.format, result.probe.width, result.probe.height) == (name, 1600, 1000)


def test_the_probe_is_the_one_of_the_upload_check() -> None:
    for name in FORMATS:
        file = saved(texture(300, 200), name)
        assert built(file).probe == check_upload(file, max_megapixels=100)


def test_a_small_picture_is_not_enlarged_and_has_all_renditions() -> None:
    result = built(saved(texture(50, 40)))
    assert sizes(result) == dict.fromkeys(("large", "medium", "small", "preview"), (50, 40))


@pytest.mark.parametrize("margin", [1.0, 1.5, 3.0])
def test_a_large_jpeg_is_decoded_smaller_and_looks_the_same(margin: float) -> None:
    picture = texture(4100, 2100)
    result = built(saved(picture, "JPEG"), decode_margin=margin)
    assert (result.probe.width, result.probe.height) == (4100, 2100)
    assert sizes(result)["large"] == (1280, 656)
    assert difference(rendition(result), picture.resize((1280, 656), Image.Resampling.LANCZOS)) < 4


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("width", [80, 5200])
@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_a_turned_picture_stands_upright(orientation: int, width: int, name: str) -> None:
    upright = quarters(width, width // 2)
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    result = built(saved(stored, name, exif=exif, **({"compress_level": 1} if name == "PNG" else {})))
    assert (result.probe.width, result.probe.height) == upright.size
    for one in result.renditions:
        image = opened(one.data)
        assert image.size == rendition_size(*upright.size, PRESETS[one.preset])
        assert difference(image, upright.resize(image.size)) < 8
        assert not image.getexif()


def test_a_turned_portrait_is_decoded_large_enough() -> None:
    """3000 × 4000 lying on its side: the width that counts is the stored height."""
    exif = Image.Exif()
    exif[0x0112] = 6
    detail = Image.effect_noise((2600, 2000), 90).convert("RGB")
    result = built(saved(detail, "JPEG", quality=95, exif=exif), decode_margin=1.0)
    wanted = detail.transpose(Image.Transpose.ROTATE_270).resize((1280, 1664), Image.Resampling.LANCZOS)
    assert rendition(result).size == (1280, 1664)
    contrast = ImageStat.Stat(rendition(result).convert("L")).stddev[0]
    assert contrast > 0.75 * ImageStat.Stat(wanted.convert("L")).stddev[0]


def test_renditions_hold_no_notes_place_profile_or_thumbnail() -> None:
    exif = Image.Exif()
    exif[0x10F] = "SECRETCAMERA"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    exif.get_ifd(0x8769).update({0xA431: "SECRETSERIAL"})
    notes = {"exif": exif, "xmp": b"<x>SECRETXMP</x>", "icc_profile": profile(*DISPLAY_P3)}
    for name in ("JPEG", "WEBP", "PNG"):
        options = {key: value for key, value in notes.items() if name != "PNG" or key != "xmp"}
        result = built(saved(texture(900, 600), name, **options))
        assert result.exif.gps == (52.52, 13.405)
        lazily = from_rendition(result.renditions[0].data, PRESETS["sm"], width=900, height=600)
        for one in [*result.renditions, lazily]:
            for part in (b"EXIF", b"ICCP", b"XMP ", b"SECRET", b"Exif"):
                assert part not in one.data, (name, one.preset, part)


def test_a_wide_profile_is_converted_so_that_colours_look_as_meant() -> None:
    red = Image.new("RGB", (60, 60), (200, 60, 60))
    plain = rendition(built(saved(red)))
    wide = rendition(built(saved(red, icc_profile=profile(*DISPLAY_P3))))
    assert average(plain) == pytest.approx([200, 60, 60], abs=3)
    # Display P3 (200, 60, 60) is sRGB (218, 39, 51) by the matrices of CSS Color 4.
    assert average(wide) == pytest.approx([218, 39, 51], abs=4)
    assert built(saved(red, icc_profile=profile(*DISPLAY_P3))).palette[0] != "#c83c3c"


def test_a_profile_is_applied_to_the_strips_of_a_large_picture_too() -> None:
    red = Image.new("RGB", (5300, 2500), (200, 60, 60))
    wide = rendition(built(saved(red, compress_level=1, icc_profile=profile(*DISPLAY_P3))))
    assert average(wide) == pytest.approx([218, 39, 51], abs=4)


def test_an_srgb_profile_changes_nothing() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    one, other = built(saved(texture(), icc_profile=srgb)), built(saved(texture()))
    assert [r.data for r in one.renditions] == [r.data for r in other.renditions]


@pytest.mark.parametrize("broken", [b"nonsense", b"\0" * 200, profile(*DISPLAY_P3)[:300]])
def test_a_broken_profile_is_left_aside(broken: bytes) -> None:
    one, other = built(saved(texture(), "JPEG", icc_profile=broken)), built(saved(texture(), "JPEG"))
    assert one.renditions == other.renditions


def test_a_profile_for_other_pixels_is_left_aside() -> None:
    result = built(saved(texture().convert("L"), "PNG", icc_profile=profile(*DISPLAY_P3)))
    assert difference(rendition(result), texture().convert("L")) < 6


def test_transparency_survives_a_profile() -> None:
    image = Image.new("RGBA", (60, 60), (200, 60, 60, 255))
    image.paste((0, 0, 0, 0), (0, 0, 30, 60))
    large = rendition(built(saved(image, icc_profile=profile(*DISPLAY_P3))))
    assert large.getpixel((5, 30))[3] == 0
    assert large.getpixel((50, 30)) == pytest.approx((218, 39, 51, 255), abs=6)


def test_a_cmyk_jpeg_has_its_true_colours() -> None:
    red = Image.new("RGB", (64, 64), (220, 20, 20)).convert("CMYK")
    data = saved(red, "JPEG", quality=95)
    assert opened(data.getvalue()).mode == "CMYK"
    assert average(rendition(built(data))) == pytest.approx([220, 20, 20], abs=6)


def test_the_inverted_cmyk_of_adobe_is_read_the_right_way_round() -> None:
    data = saved(Image.new("CMYK", (64, 64), (0, 0, 0, 0)), "JPEG", quality=95).getvalue()
    assert b"Adobe" in data[:64]
    assert min(average(rendition(built(io.BytesIO(data))))) > 250


def test_sixteen_bit_greys_are_scaled_and_not_clipped() -> None:
    rows = b"".join(b"\0" + b"".join(struct.pack(">H", x * 1024) for x in range(64)) for _ in range(64))
    large = rendition(built(png(64, 64, 16, 0, rows))).convert("L")
    assert large.getpixel((8, 32)) == pytest.approx(32, abs=5)
    assert large.getpixel((32, 32)) == pytest.approx(128, abs=5)
    assert large.getpixel((60, 32)) == pytest.approx(240, abs=5)


@pytest.mark.parametrize(("kind", "channels", "alpha"), [(2, 3, False), (4, 2, True), (6, 4, True)])
def test_other_sixteen_bit_pictures_are_scaled(kind: int, channels: int, alpha: bool) -> None:
    pixel = b"".join(struct.pack(">H", value) for value in (0x4000, 0x8000, 0xC000, 0x8000)[-channels:])
    large = rendition(built(png(32, 32, 16, kind, (b"\0" + pixel * 32) * 32)))
    assert (large.mode == "RGBA") is alpha
    if kind == 2:
        assert average(large) == pytest.approx([0x80, 0xC0, 0x80], abs=4)


def test_a_palette_with_transparency_keeps_it() -> None:
    image = Image.new("P", (40, 40), 0)
    image.putpalette([0, 0, 0, 220, 30, 30] + [0] * 762)
    image.paste(1, (20, 0, 40, 40))
    large = rendition(built(saved(image, transparency=0)))
    assert large.mode == "RGBA"
    assert large.getpixel((5, 20))[3] == 0
    assert large.getpixel((35, 20)) == pytest.approx((220, 30, 30, 255), abs=6)


def test_half_transparent_palette_entries_stay_half_transparent() -> None:
    image = Image.new("P", (40, 40), 0)
    image.putpalette([0, 0, 250] + [0] * 765)
    large = rendition(built(saved(image, transparency=bytes([128]))))
    assert large.getpixel((20, 20))[3] == pytest.approx(128, abs=2)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGBA", "P"])
def test_every_mode_of_png_gives_the_same_picture(mode: str) -> None:
    image = quarters().quantize(4) if mode == "P" else quarters().convert(mode)
    assert image.mode == mode
    assert difference(rendition(built(saved(image))), image) < 8


def test_grey_with_alpha_keeps_it() -> None:
    image = Image.new("LA", (30, 30), (200, 60))
    assert rendition(built(saved(image))).getpixel((15, 15)) == pytest.approx((200, 200, 200, 60), abs=4)


def test_alpha_that_is_opaque_throughout_is_dropped() -> None:
    result = built(saved(texture().convert("RGBA")))
    assert [one.data for one in result.renditions] == [one.data for one in built(saved(texture())).renditions]
    assert result.probe.has_alpha


def test_a_large_transparent_picture_is_reduced_in_strips_and_keeps_its_alpha() -> None:
    image = Image.new("RGBA", (6000, 2000), (40, 160, 80, 255))
    image.paste((0, 0, 0, 0), (0, 1000, 6000, 2000))
    large = rendition(built(saved(image, compress_level=1)))
    assert large.size == (1280, 427)
    assert large.getpixel((640, 100)) == pytest.approx((40, 160, 80, 255), abs=6)
    assert large.getpixel((640, 400))[3] == 0


def test_a_large_picture_in_strips_is_the_same_picture() -> None:
    picture = texture(6100, 4003)
    large = rendition(built(saved(picture, compress_level=1)))
    assert difference(large, picture.resize(large.size, Image.Resampling.LANCZOS)) < 3


@pytest.mark.parametrize("name", ["GIF", "WEBP", "PNG", "AVIF"])
def test_of_an_animation_the_first_frame_is_taken(name: str) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("#dc1e1e", "#1e1edc", "#1edc1e")]
    result = built(saved(frames[0], name, save_all=True, append_images=frames[1:], duration=40))
    assert result.probe.frames == 3
    assert average(rendition(result)) == pytest.approx([220, 30, 30], abs=8)
    assert not getattr(rendition(result), "is_animated", False)


@pytest.mark.parametrize("size", [(1, 1), (10_000, 1), (1, 10_000), (300, 20_000), (20_000, 300)])
@pytest.mark.parametrize("name", ["PNG", "JPEG"])
def test_strange_sizes_work(size: tuple[int, int], name: str) -> None:
    result = built(saved(Image.new("RGB", size, "#c82828"), name), webp_method=0)
    assert (result.probe.width, result.probe.height) == size
    for one in result.renditions:
        assert opened(one.data).size == rendition_size(*size, PRESETS[one.preset])
    assert len(set(result.palette)) == 5


def test_a_line_of_many_megapixels_takes_little_memory() -> None:
    rows = b"\0" + bytes(3_000_000 // 8)
    assert sizes(built(png(3_000_000, 1, 1, 0, rows)))["large"] == (1280, 1)


def test_palette_and_dominant_colour_are_those_of_the_upright_srgb_picture() -> None:
    picture = quarters(1600, 800)
    result = built(saved(picture))
    assert result.palette == palette.extract(picture)
    assert result.dominant == result.palette[0]


def test_the_thumbhash_shows_the_picture() -> None:
    fade = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90).resize((1600, 800))
    result = built(saved(fade))
    width, height, pixels = thumbhash.thumb_hash_to_rgba(base64.b64decode(result.thumbhash))
    assert width == pytest.approx(2 * height, abs=6)
    tiny = Image.frombytes("RGBA", (width, height), pixels)
    assert difference(tiny, fade.resize(tiny.size)) < 20


def test_two_runs_are_equal() -> None:
    file = saved(texture(900, 700), "JPEG")
    assert built(file) == built(file)


def test_a_further_size_comes_from_a_stored_rendition() -> None:
    picture = texture(2000, 1000)
    large = built(saved(picture)).renditions[0].data
    one = from_rendition(large, PRESETS["lg"], width=2000, height=1000)
    assert (one.preset, one.width, one.height) == ("lg", 700, 350)
    assert difference(opened(one.data), picture.resize((700, 350), Image.Resampling.LANCZOS)) < 4
    with pytest.raises(BadImage):
        from_rendition(b"nothing", PRESETS["lg"], width=2000, height=1000)


@pytest.mark.parametrize("name", FORMATS)
def test_a_cut_off_original_is_refused(name: str) -> None:
    data = saved(texture(400, 300), name).getvalue()
    with pytest.raises(BadImage):
        built(io.BytesIO(data[: len(data) * 2 // 3]))


def test_too_many_megapixels_are_refused() -> None:
    with pytest.raises(BadImage, match="900 megapixels"):
        built(png(30_000, 30_000, 1, 0, b""))


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_bent_originals_give_renditions_or_a_reason(name: str, data: st.DataObject) -> None:
    bent = bytearray(saved(texture(40, 30), name).getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        bent[data.draw(st.integers(0, len(bent) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        result = build(io.BytesIO(bytes(bent)), max_megapixels=2, webp_method=0)
    except BadImage as error:
        assert error.reason.endswith(".")
    else:
        assert len(result.renditions) == 4


@pytest.mark.parametrize("kind", [b"zTXtNotes", b"zTXtRaw profile type exif", b"iCCPa"])
def test_compressed_notes_that_expand_without_end_are_not_unpacked(kind: bytes) -> None:
    bomb = chunk(kind[:4], kind[4:] + b"\0\0" + zlib.compress(bytes(200_000_000)))
    tracemalloc.start()
    try:
        assert len(built(png(1, 1, 8, 0, b"\0\0", bomb)).renditions) == 4
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
