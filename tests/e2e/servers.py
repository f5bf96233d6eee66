"""A real nginx on loopback with a configuration of its own, and wrk to ask it for pages."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.watching import wait_until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
WRK = shutil.which("wrk")
GOACCESS = shutil.which("goaccess")
CURL = shutil.which("curl")
RSYSLOG = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin")
TMUX = shutil.which("tmux")

SECTIONS = ("/", "/api", "/pages", "/static")

_CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
{user}
events {{ worker_connections 256; }}
http {{
  access_log {folder}/access.log combined;
  {logging}
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{ return 200 "home"; }}
    location /api {{ return 200 "an answer"; }}
    location /api/broken {{ return 503; }}
    location /pages {{ return 404; }}
    location /static {{ return 304; }}
  }}
}}
"""

_REQUESTS = """
local paths = {"/", "/api/user?id=1", "/api/list", "/pages/create", "/static/a.js"}
local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", paths[n % #paths + 1])
end
"""


@contextmanager
def nginx(folder: Path, logging: str = "") -> Iterator[str]:
    """Run nginx, logging to `folder/access.log`; its value is the server's address.

    Directives for more `logging` are put beside.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Run by root, nginx would change to a user that may not look into the folder.
    user = "user root;" if Path("/proc/self").stat().st_uid == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(folder=folder, port=port, user=user, logging=logging)
    )
    server = subprocess.Popen([str(NGINX), "-e", f"{folder}/error.log", "-c", str(configuration)])
    try:
        wait_until(lambda: _answers(port), (folder / "error.log").read_text)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def wrk(address: str, folder: Path, seconds: int, connections: int = 2) -> None:
    """Ask for the paths of every section in turn, as fast as nginx answers."""
    script = folder / "requests.lua"
    script.write_text(_REQUESTS)
    options = ["-t", "1", "-c", str(connections), "-d", f"{seconds}s", "-s", str(script)]
    subprocess.run([str(WRK), *options, address], check=True, stdout=subprocess.DEVNULL)
