"""A search-key service in the shape of a national authority's, over plain HTTP on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from movehub.names.search_keys import family_name_key, first_name_key
from movehub.names.transliteration import UntransliterableCharacter

#: What is asked, to the status and the body of the answer.
Answering = Callable[[dict[str, Any]], tuple[int, bytes]]


def as_built_in(question: dict[str, Any]) -> tuple[int, bytes]:
    """Answer with this library's own keys."""
    make = family_name_key if question["useFullName"] else first_name_key
    try:
        return 200, json.dumps({"searchKey": make(question["name"])}).encode()
    except UntransliterableCharacter:
        return 422, b'{"error": "illegal_encoding"}'


@contextmanager
def key_service(
    answering: Answering = as_built_in, asked: list[dict[str, Any]] | None = None
) -> Iterator[str]:
    """Serve until the end of the block; what was asked is noted."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if asked is not None:
                asked.append(question)
            status, body = answering(question)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/nysiis"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
