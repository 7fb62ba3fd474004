"""Runs the desk's web pages of a station on 127.0.0.1."""

from __future__ import annotations

import socket

import uvicorn

from ballot.errors import StationError
from review.desk import Desk
from review.web.app import create_app
from station.station_counts import counts_of
from station.station_folder import Station
from tally.exports.results_html import results_to_html
from tally.settle import settle

HOST = "127.0.0.1"


def serve_station(station: Station, port: int) -> None:
    """Serves until interrupted.

    Raises:
        StationError: The port is taken.
    """

    def result_page() -> str:
        return results_to_html(settle(station.election, counts_of(station)))

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
