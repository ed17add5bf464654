"""In which encoding a text is written, judged on all its bytes; and letters that a wrong encoding has damaged.

UTF-8 says itself. Among the encodings of one byte, nothing in the file tells which one it is: French does. Each byte
over 127 is weighed as the letter that it would be in each encoding, between the neighbours that it has.
"""

import codecs
import re
from typing import BinaryIO

import numpy as np

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-1", "iso-8859-15", "mac_roman", "cp850")
"""The encodings that are met, by the names that Python gives them."""

SINGLE = ("cp1252", "iso-8859-15", "mac_roman", "cp850", "iso-8859-1")
BLOCK = 1 << 20
LOWER, UPPER, DIGIT, OTHER = range(4)
FRENCH, CAPITALS = "éèêëàâçîïôûùüœæ", "ÉÈÊËÀÂÇÎÏÔÛÙÜŒÆ"
FOREIGN = "áíóúñäöãõåìòýßøÿšžÁÍÓÚÑÄÖÃÕÅÌÒÝØŠŽŸ"
APART, CLOSE = "«»“”–—…€°•·\xa0²³§®©½", "’‘"
FORBIDDEN = -10.0
UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
FOLLOWING = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
UNDECODED = re.compile("[\udc80-\udcff]+")
DAMAGED = re.compile(f"[\xc2-\xdf][{FOLLOWING}]|[\xe0-\xef][{FOLLOWING}]{{2}}|[\xf0-\xf4][{FOLLOWING}]{{3}}")


def find_encoding(stream: BinaryIO) -> str:
    """Return the encoding of the rest of a stream: UTF-8 when all of it is, else one of one byte."""
    start, decoder = stream.tell(), codecs.getincrementaldecoder("utf-8")()
    try:
        while block := stream.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        stream.seek(start)
        return find_single(stream)
    return "utf-8"


def find_single(stream: BinaryIO) -> str:
    """Return which encoding of one byte makes the best French of the rest of a stream."""
    seen = np.zeros((128, 4, 4), dtype=np.int64)
    while block := stream.read(BLOCK):
        count_high(np.frombuffer(block, dtype=np.uint8), seen)
    return max(SINGLE, key=lambda encoding: float((seen * _WEIGHTS[encoding]).sum()))


def count_high(block: np.ndarray, seen: np.ndarray) -> None:
    """Add to `seen` how often each byte over 127 stands between which kinds of neighbours."""
    places = np.flatnonzero(block >= 128)
    kinds = np.concatenate([[OTHER], _KINDS[block], [OTHER]])
    np.add.at(seen, (block[places] - 128, kinds[places], kinds[places + 2]), 1)


def is_mostly_utf_8(stream: BinaryIO) -> bool:
    """Return whether a stream that is not UTF-8 nearly is: two thirds of its bytes over 127 make characters."""
    high = held = 0
    while block := stream.read(BLOCK):
        high += int(np.count_nonzero(np.frombuffer(block, dtype=np.uint8) >= 128))
        held += sum(len(character) for character in UTF_8.findall(block))
    return held * 3 > high * 2


def repair_letters(text: str) -> str:
    """Return a text without the letters that UTF-8 read as Windows-1252 gives (Ã©), be they damaged twice."""
    for _ in range(3):
        repaired = DAMAGED.sub(_restore, text)
        if repaired == text:
            break
        text = repaired
    return text


def restore_bytes(text: str) -> str:
    """Return a text whose undecodable bytes (kept as lone surrogates) are read as Windows-1252."""
    return UNDECODED.sub(_read_single, text)


def _read_single(found: re.Match[str]) -> str:
    raw = found[0].encode("utf-8", errors="surrogateescape")
    try:
        return raw.decode("cp1252")
    except UnicodeError:
        return raw.decode("iso-8859-1")


def _restore(found: re.Match[str]) -> str:
    try:
        return b"".join(_byte(letter) for letter in found[0]).decode("utf-8")
    except UnicodeError:
        return found[0]


def _byte(letter: str) -> bytes:
    return letter.encode("iso-8859-1" if letter < "\u0100" else "cp1252")


def _weigh(letter: str, before: int, after: int) -> float:
    """Return how French a letter is between two kinds of neighbours."""
    inside = before in (LOWER, UPPER) or after in (LOWER, UPPER)
    if letter in FRENCH:
        return 3.0 if LOWER in (before, after) else 0.5 if letter == "à" and not inside else -1.0
    if letter in CAPITALS:
        return -1.0 if before == LOWER else 2.0 if inside else 0.5
    if letter in CLOSE:
        return 3.0 if before != OTHER and after in (LOWER, UPPER) else 0.0
    if letter in APART:
        return -2.0 if before == after == LOWER else 1.0
    if letter in FOREIGN:
        return 0.25 if inside else -1.0
    return FORBIDDEN if "\x80" <= letter < "\xa0" else -3.0


def _weigh_all(encoding: str) -> np.ndarray:
    weights = np.full((128, 4, 4), FORBIDDEN)
    for code in range(128):
        letter = bytes([code + 128]).decode(encoding, errors="ignore")
        for before in range(4):
            for after in range(4):
                weights[code, before, after] = _weigh(letter, before, after) if letter else 10 * FORBIDDEN
    return weights


def _kind(code: int) -> int:
    letter = chr(code)
    if code >= 128:
        return LOWER
    return LOWER if letter.islower() else UPPER if letter.isupper() else DIGIT if letter.isdigit() else OTHER


_KINDS = np.array([_kind(code) for code in range(256)], dtype=np.int8)
_WEIGHTS = {encoding: _weigh_all(encoding) for encoding in SINGLE}
