"""The reference of W1: a bare Flask view that reads one row of BENCH_DATABASE_URL, served by the same gunicorn."""

from __future__ import annotations

import os

from flask import Flask
from sqlalchemy import text

from volunteer.kernel.db import make_engine

app = Flask("bare")
engine = make_engine(os.environ["BENCH_DATABASE_URL"])
ONE = text("SELECT number, status FROM service_orders WHERE id = :id")


@app.get("/orders/<int:number>")
def show(number: int) -> str:
    """One row in a sentence."""
    with engine.connect() as connection:
        row = connection.execute(ONE, {"id": number}).one()
    return f"<p>{row.number}: {row.status}</p>"
