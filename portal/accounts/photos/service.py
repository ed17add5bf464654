"""The rules of photos: only the picture is kept, small, without what the camera or a program wrote beside it."""

import io
from datetime import datetime

from sqlalchemy.orm import Session

from datasets.errors import FileTooLarge, IngestError, Phrase
from portal.accounts.service import get_key
from portal.accounts.tables import PhotoRow
from portal.vault import Vault

FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST = 5_000_000
"""Bytes that may be sent."""

MOST_PIXELS = 25_000_000
SIDE = 400
"""The longest side that is kept, in pixels."""

MEDIA_TYPE = "image/jpeg"
PLACE = "photo|image"
EXPECTED = Phrase(f"a photo ({', '.join(FORMATS)})", f"une photo ({', '.join(FORMATS)})")
ADVICE = Phrase("Send another one.", "Envoyez-en une autre.")
UNREADABLE = Phrase("another kind of file, or a damaged one", "un fichier d’une autre sorte, ou abîmé")
TOO_WIDE = Phrase(
    f"more than {MOST_PIXELS // 10**6} million pixels", f"plus de {MOST_PIXELS // 10**6} millions de pixels"
)


def clean_photo(content: bytes) -> bytes:
    """Return the picture alone, as a small JPEG: no place, no date, no camera, no comment, no colour profile.

    Raises FileTooLarge, and IngestError for what is no photo.
    """
    from PIL import Image, ImageOps  # only photos need it

    if len(content) > LARGEST:
        raise FileTooLarge(name="photo", limit=f"{LARGEST // 10**6} MB")
    # What Pillow raises for a file that is no picture, or pretends to be an immense one.
    broken = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise refuse(TOO_WIDE)
            upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.thumbnail((SIDE, SIDE))
        bare = Image.new("RGB", upright.size)
        bare.paste(upright)
        cleaned = io.BytesIO()
        bare.save(cleaned, "JPEG", quality=85)
    except broken as error:
        raise refuse(UNREADABLE) from error
    return cleaned.getvalue()


def refuse(found: Phrase) -> IngestError:
    """Return the error of what is no photo that can be kept."""
    return IngestError(where="photo", found=found, expected=EXPECTED, advice=ADVICE)


def keep_photo(session: Session, vault: Vault, account_id: str, content: bytes, at: datetime) -> None:
    """Keep a person's photo in the place of the one before. Raises FileTooLarge, IngestError and NotFound."""
    sealed = get_key(vault, account_id).seal_bytes(PLACE, clean_photo(content))
    session.merge(PhotoRow(account_id=account_id, image=sealed, modified=at))


def find_photo(session: Session, vault: Vault, account_id: str) -> bytes | None:
    """Return a person's photo, None when they gave none. Raises NotFound when they are erased."""
    row = session.get(PhotoRow, account_id)
    return get_key(vault, account_id).unseal_bytes(PLACE, row.image) if row else None


def remove_photo(session: Session, account_id: str) -> bool:
    """Forget a person's photo; False when there was none."""
    row = session.get(PhotoRow, account_id)
    if row is not None:
        session.delete(row)
    return row is not None
