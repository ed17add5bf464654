"""The profile: a closed list, sealed; a photo that is only a picture; both go with the account."""

import io
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from datasets.errors import FileTooLarge, IngestError
from portal.accounts.photos import service
from portal.accounts.service import Account
from tests.builders import PASSWORD

PROFILE = {
    "given_name": "Canarina",
    "family_name": "Canaroff",
    "language": "fr",
    "phone": "05 62 00 00 00 canari",
    "profession": "canari-chanteuse",
    "workplace": "Théâtre du canari",
    "postal_address": "1 rue du canari, 32000 Auch",
}
CANARIES = [value for name, value in PROFILE.items() if name != "language"]


def a_photo(kind: str = "JPEG", size: tuple[int, int] = (800, 600)) -> bytes:
    """A photo that tells where and by whom it was taken, turned on its side."""
    image, content = Image.new("RGB", size, "red"), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112], exif[0x013B], exif[0x010F] = 6, "Canari photographe", "Canari camera"
    exif.get_ifd(0x8825)[1] = "N"
    image.save(content, kind, exif=exif)
    assert b"anari" in content.getvalue()
    return content.getvalue()


def send(browser: FlaskClient, content: bytes) -> TestResponse:
    """Send a photo by the form."""
    return browser.post("/account/photo/", data={"photo": (io.BytesIO(content), "moi.jpg")})


@pytest.mark.parametrize("kind", service.FORMATS)
def test_only_the_picture_is_kept(kind: str) -> None:
    """What is kept is upright, small, and tells no place, date, camera or name."""
    cleaned = service.clean_photo(a_photo(kind))
    assert b"anari" not in cleaned
    with Image.open(io.BytesIO(cleaned)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (300, 400), {})
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"<svg onload=alert(1)>", a_photo()[:3000], b"\x89PNG\r\n\x1a\n" + b"\xff" * 100]
)
def test_what_is_no_photo_is_refused(content: bytes) -> None:
    """Another kind of file and a damaged one are refused with the reason, never kept as they came."""
    with pytest.raises(IngestError, match="JPEG, PNG, WEBP"):
        service.clean_photo(content)


def test_immense_photos_are_refused() -> None:
    """Neither a file over the limit nor a small file of very many pixels is opened."""
    bomb = io.BytesIO()
    Image.new("1", (6000, 6000)).save(bomb, "PNG")
    with pytest.raises(IngestError, match="25 million pixels"):
        service.clean_photo(bomb.getvalue())
    with pytest.raises(FileTooLarge):
        service.clean_photo(bytes(service.LARGEST + 1))


def test_a_photo_is_seen_by_its_person_alone(app: Flask, signed_in: FlaskClient) -> None:
    """Its address shows the photo of whoever asks: nobody else's, and no cache keeps it."""
    assert signed_in.get("/account/photo/").status_code == 404
    assert send(signed_in, a_photo()).status_code == 303
    answer = signed_in.get("/account/photo/")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    assert 'src="/account/photo/"' in signed_in.get("/account/").text
    assert app.test_client().get("/account/photo/").location.startswith("/login/")
    assert send(signed_in, b"no photo").status_code == 422
    signed_in.post("/account/photo/remove/")
    assert signed_in.get("/account/photo/").status_code == 404


def test_the_profile_is_sealed_and_goes_with_the_account(
    app: Flask, signed_in: FlaskClient, account: Account, tmp_path: Path
) -> None:
    """What is filled in is shown back, readable in no file, and gone when the account is erased, photo included."""
    assert signed_in.post("/account/profile/", data={**PROFILE, "birth_date": "canari-1815"}).status_code == 303
    page = signed_in.get("/account/").text
    assert not [value for value in CANARIES if value not in page]
    send(signed_in, a_photo())

    def left(*patterns: bytes) -> list[bytes]:
        content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        return [pattern for pattern in patterns if re.search(pattern, content)]

    sealed = [value.encode() for value in CANARIES]
    assert left(*sealed, b"canari-1815", b"JFIF") == []
    assert left(account.id.encode())
    assert signed_in.post("/account/erase/", data={"confirmation": PASSWORD}).status_code == 200
    app.extensions["portal"].databases.close()
    assert left(account.id.encode()) == []
