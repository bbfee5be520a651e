"""Heats over HTTP, as a desk steers them on an open site."""

from typing import Any

import httpx
from tests.support.arena import STAGE_TEXT
from tests.support.line import Line
from tests.support.site import Hand, Site

from knack_protocol.ids import HeatId
from knack_protocol.wire.limits import COUNTDOWN_MS
from knack_protocol.wire.messages import Begin, Done, Gather


class Desk:
    """Somebody who steers heats."""

    def __init__(self, site: Site, headers: dict[str, str]) -> None:
        self.site = site
        self.headers = headers

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self.site.http.post(f"/api/desk/{path}", json=body, headers=self.headers)

    async def get(self, path: str) -> Any:
        return (await self.site.http.get(f"/api/desk/{path}", headers=self.headers)).json()

    async def step(self, step: str, text: str = "", heat: str = "h1") -> dict[str, Any]:
        answer = await self.post(f"heats/{heat}", step=step, text=text)
        assert answer.status_code == 200, answer.text
        return next(one for one in answer.json()["heats"] if one["heat"] == heat)

    async def promise(self, scope: str = "player") -> None:
        answer = await self.post("heats", heat="h1", course="sprint", scope=scope, reruns=1)
        assert answer.status_code == 201, answer.text
        assert (await self.post("commitments")).status_code == 201

    async def begin(
        self, *names: str, scope: str = "player", heat: str = "h1", lines: tuple[Line, ...] = ()
    ) -> list[Hand]:
        """Let people gather for a heat, promised here if none was, and let its countdown pass."""
        if (await self.get("heats"))["published"] is None:
            await self.promise(scope)
        await self.step("open", heat=heat)
        lines = lines or tuple([await self.site.player(name) for name in names])
        for line in lines:
            assert isinstance(await line.ask(Gather, HeatId(heat)), Done)
        await self.step("freeze", heat=heat)
        await self.step("type", STAGE_TEXT, heat=heat)
        await self.step("start", heat=heat)
        self.site.pass_ms(COUNTDOWN_MS)
        begins = [await line.next(Begin) for line in lines]
        return [
            Hand(self.site, line, begin, begin.commit, heat)
            for line, begin in zip(lines, begins, strict=True)
        ]

    async def end_heat(self) -> None:
        """Let the time of everybody in a sprint run out."""
        self.site.pass_ms(100_000)
        await self.site.settled()
