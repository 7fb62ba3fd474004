"""Runs the desk's web pages of a station on 127.0.0.1."""

from __future__ import annotations

import socket
from dataclasses import replace

import uvicorn

from ballot.errors import StationError
from review.desk import Desk
from review.web.app import create_app
from station.station_counts import counts_of, unclosed_notices
from station.station_folder import Station
from tally.exports.results_html import results_to_html
from tally.settle import settle

HOST = "127.0.0.1"
_ELIGIBILITY = (
    "Hvem som er valgbar, er hentet fra valgfilen som tellestasjonen ble opprettet med. "
    "Er noen funnet ikke valgbar siden, gir «valgskann settle» med den nye valgfilen det rette oppgjøret."
)


def serve_station(station: Station, port: int) -> None:
    """Serves until interrupted.

    Raises:
        StationError: The port is taken.
    """

    def result_page() -> str:
        unclosed = unclosed_notices(station)
        result = settle(station.election, counts_of(station))
        return results_to_html(replace(result, notices=(*result.notices, *unclosed, _ELIGIBILITY)))

    app = create_app(Desk(station.store, station.election), result_page)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise StationError(
                f"Port {port} on {HOST} cannot be used: {error.strerror}.", "Give another with --port."
            ) from error
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        uvicorn.Server(config).run(sockets=[listener])
