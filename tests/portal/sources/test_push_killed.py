"""A push that is killed was published and is known, or was not: never one without the other."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.sources.service import create_source
from portal.sources.tables import PushRow
from tests.portal.sources.conftest import owner_of_the_producer

PUSHER = """
import json, sys
from pathlib import Path
from datetime import timedelta
from tests.portal.sources.conftest import open_app

app = open_app(Path(sys.argv[1]))
clock, client = app.extensions["portal"].clock, app.test_client()
for number in range(int(sys.argv[3]), 10_000):
    clock.instant += timedelta(seconds=number)
    rows = [{"code": f"x{number}", "nom": "X", "habitants": number}]
    answer = client.post(
        "/api/push/v1/datasets/villes/records",
        data=json.dumps(rows),
        headers={"Authorization": f"Bearer {sys.argv[2]}", "Idempotency-Key": f"k{number}"},
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.data
    print(number, flush=True)
"""
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.verify
def test_a_killed_push_is_whole_or_nothing(app: Flask) -> None:
    """Whenever the process is killed, as many pushes are remembered as rows are public, and the next ones go on."""
    parts, instance = app.extensions["portal"], app.extensions["portal"].settings.instance
    _, secret = create_source(parts, owner_of_the_producer(app), "villes", "push", update="append", key=["code"])
    luck, start, told = random.Random(32), 1, 0
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", PUSHER, str(instance), secret, str(start)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        process.stdout.readline()
        time.sleep(luck.random())
        process.send_signal(signal.SIGKILL)
        told += 1 + len(process.communicate()[0].splitlines())
        with parts.databases.session("catalogue") as session:
            known = session.scalar(select(func.count()).select_from(PushRow)) or 0
        public = app.test_client().get("/api/explore/v2.1/catalog/datasets/villes/records").json["total_count"]
        assert public == 2 + known
        assert known >= told
        start += 1_000
