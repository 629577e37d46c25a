"""A production that would not be safe does not start, and says why."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.servers import APPLICATION, ROOT, THE_TESTS_OWN, redis_server

SAFE = {**APPLICATION, "ALLOWED_HOSTS": "collab.example", "EMAIL_URL": "smtp+tls://mail.collab.example:587"}
SHOW = "from django.conf import settings; print(settings.EMAIL_BACKEND, settings.DATABASES['default']['CONN_MAX_AGE'])"


def started_with(code: str = SHOW, **changed: str | None) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in THE_TESTS_OWN}
    wanted = {**inherited, **SAFE, **changed}
    environment = {name: value for name, value in wanted.items() if value is not None}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_a_safe_one_starts() -> None:
    ran = started_with()
    assert ran.stdout == "django.core.mail.backends.smtp.EmailBackend 0\n", ran.stderr


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY must be a random text"),
        ({"SECRET_KEY": "k7Wq-zP3"}, "SECRET_KEY must be a random text"),
        ({"SECRET_KEY": "abcabcabcde" * 6}, "SECRET_KEY must be a random text"),
        (
            {"SECRET_KEY": "django-insecure-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2},
            "SECRET_KEY must be a random",
        ),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS must name"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name"),
        ({"ALLOWED_HOSTS": "*", "DEBUG": "1"}, "ALLOWED_HOSTS must name"),
        ({"EMAIL_URL": None}, "EMAIL_URL must name the mail server"),
        ({"EMAIL_URL": ""}, "EMAIL_URL must name the mail server"),
    ],
)
def test_an_unsafe_one_does_not(changed: dict[str, str | None], why: str) -> None:
    ran = started_with(**changed)
    assert ran.returncode != 0
    assert why in ran.stderr


@pytest.mark.parametrize("mode", ["DEMO", "DEBUG"])
def test_demo_and_debug_need_nothing_and_serve_this_machine(mode: str) -> None:
    nothing = dict.fromkeys(("SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL"))
    ran = started_with("from django.conf import settings; print(settings.ALLOWED_HOSTS)", **nothing, **{mode: "1"})
    assert ran.stdout == "['127.0.0.1', 'localhost', '[::1]']\n", ran.stderr


SEND = """
import asyncio, django; django.setup()
from channels.layers import get_channel_layer
async def main():
    layer = get_channel_layer()
    name = await layer.new_channel()
    await layer.group_add("all", name)
    await layer.group_send("all", {"type": "hint"})
    message = await asyncio.wait_for(layer.receive(name), 10)
    connection = layer._layers[asyncio.get_running_loop()]._shards[0]._pubsub.connection
    print(message["type"], connection.health_check_interval, connection.socket_keepalive)
asyncio.run(main())
"""


@pytest.mark.redis
def test_connections_to_redis_are_checked() -> None:
    with redis_server() as redis:
        ran = started_with(SEND, REDIS_URL=redis.url)
    assert ran.stdout == "hint 10 True\n", ran.stderr
