"""elia-py, a client written by hand: a doubled slash, a half-open range of dates, AND glued to its bracket."""

import pandas as pd
import pytest
from elia.elia import EliaPandasClient

from tests.clients.conftest import Server

FIRST = pd.Timestamp("2024-11-01")


@pytest.fixture
def elia(server: Server) -> EliaPandasClient:
    """The client, turned to the portal."""
    client = EliaPandasClient()
    client.BASE_URL = f"{server.address}/api/explore/v2.1/"
    return client


def test_one_day_ends_before_midnight(elia: EliaPandasClient) -> None:
    """The range is closed at its start and open at its end, in UTC."""
    frame = elia.get_load_on_elia_grid(start=FIRST, end=FIRST + pd.Timedelta(days=1))
    assert len(frame) == 96
    assert frame.index[0] == pd.Timestamp("2024-11-01T00:00Z")
    assert frame.index[-1] == pd.Timestamp("2024-11-01T23:45Z")
    assert frame.index.is_unique
    assert frame["measured"].is_monotonic_increasing


def test_a_week_is_asked_in_parts_that_join(elia: EliaPandasClient) -> None:
    """The client cuts a long period: no quarter-hour is lost or repeated at the cut."""
    frame = elia.get_load_on_elia_grid(start=FIRST, end=FIRST + pd.Timedelta(days=7))
    assert len(frame) == 7 * 96
    assert frame.index.is_unique


def test_a_period_without_records_is_an_empty_frame(elia: EliaPandasClient) -> None:
    """Nothing found is a bare empty array."""
    assert elia.get_load_on_elia_grid(start=pd.Timestamp("2020-01-01"), end=pd.Timestamp("2020-01-02")).empty


def test_a_condition_follows_the_bracket_without_space(elia: EliaPandasClient) -> None:
    """`…'[AND region = 'Wallonia'` is understood."""
    frame = elia.get_historical_solar_power_estimation_and_forecast(
        start=FIRST, end=FIRST + pd.Timedelta(days=1), region="Wallonia"
    )
    assert len(frame) == 96
    assert set(frame["region"]) == {"Wallonia"}


def test_a_condition_of_the_caller_is_added(elia: EliaPandasClient) -> None:
    """`where` of the caller comes last, glued too; other parameters go through."""
    frame = elia.get_historical_solar_power_estimation_and_forecast(
        start=FIRST, end=FIRST + pd.Timedelta(days=1), region="Wallonia", where="measured >= 12", order_by="-measured"
    )
    assert len(frame) == 48
    assert frame["measured"].min() == 12


def test_a_whole_dataset_without_condition(elia: EliaPandasClient) -> None:
    """No parameter at all gives every record."""
    assert len(elia.get_current_system_imbalance()) == 60


def test_an_empty_condition_with_a_limit(elia: EliaPandasClient) -> None:
    """`where=` and `limit=100` give a hundred records."""
    assert len(elia.get_system_imbalance_forecast_for_current_quarter_hour()) == 100
