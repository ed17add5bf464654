"""odsclient, the Python package that reads `/explore/dataset/{id}/download/` of the first version."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from odsclient import ODSClient, get_whole_dataframe
from odsclient.core import ODSException

from portal import create_app
from tests.clients.conftest import Server
from tests.portal.explore.communes import publish_all
from tests.serving import serve

HEADINGS = "Code INSEE;Nom;Canton;Population;Surface;Préfecture;Mise à jour;Vu le;Labels;Point;Contour"


def client_of(server: Server, **more: object) -> ODSClient:
    return ODSClient(base_url=f"{server.address}/", use_keyring=False, **more)


def test_a_data_frame_has_labels_and_every_record(server: Server) -> None:
    """Headings are the labels, numbers are numbers, awkward texts come whole."""
    frame = client_of(server).get_whole_dataframe("communes-du-gers")
    assert list(frame.columns) == HEADINGS.split(";")
    assert len(frame) == 127
    assert frame["Population"].max() == 22173
    assert 'L\'"Îlot"; perdu' in set(frame["Nom"])


def test_names_may_head_the_columns(server: Server) -> None:
    """`use_labels_for_header=False` gives the names of the fields."""
    frame = client_of(server).get_whole_dataframe("festivals", use_labels_for_header=False)
    assert frame.to_dict("list") == {"nom": ["Jazz"], "annee": [1978]}


def test_the_short_way_reads_the_same(server: Server) -> None:
    """The function of the module works as its class does."""
    frame = get_whole_dataframe("festivals", platform_id=None, base_url=server.address, use_keyring=False)
    assert len(frame) == 1


def test_the_text_of_the_csv_has_no_mark_before_it(server: Server) -> None:
    """The first character is that of the first heading: a byte-order mark would be in the name of a column."""
    text = client_of(server).get_whole_dataset("communes-du-gers")
    assert text.splitlines()[0] == HEADINGS
    assert ";43.6465,0.5863;" in text.replace(", ", ",")


def test_another_format_in_another_zone(server: Server) -> None:
    """JSON, with instants in the zone asked."""
    rows = json.loads(client_of(server).get_whole_dataset("communes-du-gers", format="json", timezone="Europe/Paris"))
    assert len(rows) == 127
    assert "2024-05-17T10:30:00+02:00" in json.dumps(rows)


def test_more_parameters_go_through(server: Server) -> None:
    """A query, a refinement and a separator reach the portal."""
    text = client_of(server).get_whole_dataset(
        "communes-du-gers",
        csv_separator=",",
        **{"q": "nom:auch", "refine.canton": "Auch-1", "fields": "nom,population"},
    )
    assert text.splitlines() == ["Nom,Population", "Auch,22173"]


def test_a_file_is_written_by_pieces(server: Server, tmp_path) -> None:
    """`to_path` receives the whole file."""
    client_of(server).get_whole_dataset("communes-du-gers", to_path=tmp_path / "communes.csv")
    assert len((tmp_path / "communes.csv").read_text("utf-8").splitlines()) == 128


def test_a_key_is_accepted(server: Server) -> None:
    """A call with a key that the portal knows is answered."""
    assert len(client_of(server, apikey=server.key).get_whole_dataframe("festivals")) == 1


def test_a_wrong_key_is_an_error_that_the_client_reads(server: Server) -> None:
    """The refusal has the body of the first version: its text is the client's message."""
    with pytest.raises(ODSException) as refused:
        client_of(server, apikey="wrong").get_whole_dataframe("festivals")
    assert refused.value.status_code == 401
    assert refused.value.error_msg


def test_an_unknown_dataset_is_an_error_that_the_client_reads(server: Server) -> None:
    """Never a page with status 200, which the client takes for missing rights."""
    with pytest.raises(ODSException) as refused:
        client_of(server).get_whole_dataframe("nope")
    assert refused.value.status_code == 404
    assert "nope" in refused.value.error_msg


@pytest.fixture
def poor_address(migrated: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a portal that answers one call a day."""
    instance = shutil.copytree(migrated, tmp_path / "instance")
    settings = {"instance": instance, "queue_url": "immediate", "limits_url": "memory://", "api_limit": "1 per day"}
    app = create_app(settings)
    publish_all(app)
    with serve(lambda _: app) as (address, _):
        yield address


def test_a_quota_is_told_in_the_words_that_the_client_reads(poor_address: str) -> None:
    """After the last call the client knows the limit and when it ends."""
    client = ODSClient(base_url=poor_address, use_keyring=False)
    assert len(client.get_whole_dataframe("festivals")) == 1
    with pytest.raises(ODSException) as refused:
        client.get_whole_dataframe("festivals")
    details = refused.value.details
    assert refused.value.status_code == 429
    assert (details["call_limit"], details["limit_time_unit"]) == (1, "day")
    assert details["errorcode"] == 10005
    assert details["reset_time"].endswith("Z")
