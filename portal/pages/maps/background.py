"""The background of maps, when the operator chose one: images of another server, fetched by ours.

The visitor asks the portal alone: the other server learns which square of the map is looked at, never by whom.
"""

import http.client
from functools import partial
from urllib.parse import urlsplit

from datasets.errors import FetchRefused, Phrase
from datasets.tiles import Tile
from portal.memory import Memory
from portal.turns import Turns

MOST_ZOOM = 19
SECONDS = 10
MOST_BYTES = 2**20
AGENT = "gers-portal (map background; see the site for its operator)"
IMAGES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
"""The kinds of images that are passed on, by how they begin."""

UNREACHED = Phrase("the server of the background does not answer", "le serveur du fond de carte ne répond pas")
NO_IMAGE = Phrase("what it answered is no image of the map", "ce qu’il a répondu n’est pas une image de la carte")

kept = Memory(16 * 2**20, weigh=len)
turns = Turns(4, 4, seconds=float(SECONDS), waiting=48)


def get_image(template: str, tile: Tile, client: str) -> tuple[bytes, str]:
    """Return the image of a tile and its media type, remembered or fetched at the client's turn.

    `template` is the operator's address with {z}, {x} and {y}: nothing else of it comes from the visitor. Raises
    FetchRefused when the server does not answer an image, Busy.
    """
    with turns.take(client):
        content = kept.get((template, tile), partial(_fetch, template, tile))
    return content, next(kind for start, kind in IMAGES.items() if content.startswith(start))


def _fetch(template: str, tile: Tile) -> bytes:
    """Return what the server answers, if it is an image of a decent size; a redirection is no answer."""
    parts = urlsplit(template.replace("{z}", str(tile.z)).replace("{x}", str(tile.x)).replace("{y}", str(tile.y)))
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        connection.request("GET", parts._replace(scheme="", netloc="").geturl(), headers={"User-Agent": AGENT})
        answer = connection.getresponse()
        content = answer.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise FetchRefused(address=parts.hostname, reason=UNREACHED) from error
    finally:
        connection.close()
    if answer.status != http.client.OK or len(content) > MOST_BYTES or not content.startswith(tuple(IMAGES)):
        raise FetchRefused(address=parts.hostname, reason=NO_IMAGE)
    return content
