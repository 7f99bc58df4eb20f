"""A TCP proxy that can be a bad network. Run as a process of its own:

    proxy.py NAME=UPSTREAM-PORT …

prints one line of JSON with the port of each name, then obeys lines on stdin, each answered "ok":
`NAME pass`, `NAME refuse` (nothing listens, all connections are reset), `NAME blackhole` (nothing
gets through, nothing is lost), `NAME swallow` (requests get through, answers do not),
`NAME delay MS`, `NAME drop` (all connections are reset). What was held back gets through when it
passes again, even if the one who sent it has gone, as on a real network. Ends with its stdin.
"""
import asyncio
import json
import socket
import struct
import sys


class Link:
    def __init__(self, name, upstream):
        self.name, self.upstream = name, upstream
        self.port, self.server = 0, None
        self.open_up, self.open_down = asyncio.Event(), asyncio.Event()
        self.delay = 0.0
        self.writers = set()

    async def listen(self):
        if self.server is None:
            self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port, backlog=512)
            self.port = self.server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        writers = [writer]
        self.writers.add(writer)
        try:
            await self.open_up.wait()
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
            writers.append(up_writer)
            self.writers.add(up_writer)
            if writer not in self.writers:  # dropped meanwhile
                return
            await asyncio.gather(self.pump(reader, up_writer, self.open_up),
                                 self.pump(up_reader, writer, self.open_down))
        except OSError:
            pass
        finally:
            for one in writers:
                self.writers.discard(one)
                one.transport.abort()

    async def pump(self, reader, writer, gate):
        while data := await reader.read(65536):
            if self.delay:
                await asyncio.sleep(self.delay)
            await gate.wait()
            writer.write(data)
            await writer.drain()
        await gate.wait()
        if writer.can_write_eof():
            writer.write_eof()

    def drop(self):
        for writer in list(self.writers):
            self.writers.discard(writer)
            peer = writer.get_extra_info("socket")
            try:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except (OSError, AttributeError):
                pass
            writer.transport.abort()

    async def obey(self, words):
        mode = words[0]
        if mode == "drop":
            return self.drop()
        if mode == "refuse":
            self.server.close()
            self.server = None
            return self.drop()
        self.delay = float(words[1]) / 1000 if mode == "delay" else 0.0
        for gate, shut in ((self.open_up, mode == "blackhole"),
                           (self.open_down, mode in ("blackhole", "swallow"))):
            gate.clear() if shut else gate.set()
        await self.listen()
        return None


async def main(arguments):
    links = {}
    for argument in arguments:
        name, port = argument.split("=")
        links[name] = Link(name, int(port))
        await links[name].obey(["pass"])
    print(json.dumps({name: link.port for name, link in links.items()}), flush=True)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        name, *words = line.decode().split()
        await links[name].obey(words)
        print("ok", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
