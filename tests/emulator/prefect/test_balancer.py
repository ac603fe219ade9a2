"""The balancer in front of replicas: connections go to those that respond, each in turn."""

import asyncio
from collections.abc import Awaitable, Callable

from installer.emulator.prefect.balancer import Balancer
from installer.emulator.prefect.local import LOOPBACK, free_port
from installer.emulator.relay import Listener, listen


def naming(name: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """A replica that answers with its name."""

    async def handle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(name)
        writer.close()
        await writer.wait_closed()

    return handle


async def answer(port: int) -> bytes:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    found = await reader.read()
    writer.close()
    return found


async def answers(listener: Listener, count: int) -> list[bytes]:
    return [await answer(listener.port) for _ in range(count)]


def test_each_replica_has_its_turn_and_one_that_has_ended_is_passed_over() -> None:
    async def story() -> None:
        one, two = listen(naming(b"one")), listen(naming(b"two"))
        ports = [one.port, two.port]
        balancer = listen(Balancer(lambda: ports).handle)
        assert sorted(await answers(balancer, 4)) == [b"one", b"one", b"two", b"two"]
        two.close()
        assert set(await answers(balancer, 3)) == {b"one"}
        ports[:] = [free_port()]
        assert await answers(balancer, 1) == [b""]
        ports.clear()
        assert await answers(balancer, 1) == [b""]
        balancer.close()
        one.close()

    asyncio.run(story())
