"""The second factor: codes that an authenticator shows (TOTP, RFC 6238), each good once."""

import io
from datetime import datetime

import pyotp

STEP = 30
DRIFT = 1
"""Steps before and after the present one that are accepted: clocks of telephones differ."""


def new_secret() -> str:
    """Return a new secret to share with an authenticator (160 bits, in base 32)."""
    return pyotp.random_base32(32)


def address_of(secret: str, email: str, site: str) -> str:
    """Return the address that an authenticator reads to learn a secret."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=email, issuer_name=site)


def draw(address: str) -> str:
    """Return the address as a square drawing (SVG) that a telephone reads."""
    import segno  # only this drawing needs it

    drawing = io.BytesIO()
    segno.make(address, error="m").save(drawing, kind="svg", scale=4, light="#fff", xmldecl=False, svgns=True, border=3)
    return drawing.getvalue().decode()


def find_step(secret: str, code: str, at: datetime, last: int) -> int | None:
    """Return the time step for which `code` is right, None when it is wrong or not later than the step `last`."""
    digits = "".join(code.split())
    now = int(at.timestamp()) // STEP
    codes = pyotp.TOTP(secret, interval=STEP)
    for step in range(max(now - DRIFT, last + 1), now + DRIFT + 1):
        if pyotp.utils.strings_equal(codes.generate_otp(step), digits):
            return step
    return None
