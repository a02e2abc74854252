"""A user at a browser, for tests: REST requests and a long-polling CometD session."""

from typing import Any

import httpx


class Answer:
    """An HTTP answer."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.json: Any = response.json() if response.content else None
        self.headers = response.headers

    @property
    def refusal(self) -> tuple[int, int, str]:
        """HTTP status, statusCode and statusMessage of a refusal."""
        assert set(self.json) == {"statusCode", "statusMessage"}, self.json
        return self.status, self.json["statusCode"], self.json["statusMessage"]


class Agent:
    """A user with a browser: REST requests, and a CometD session."""

    def __init__(self, http: httpx.AsyncClient, api: str = "http://127.0.0.1:8080/api/v2") -> None:
        self.http = http
        self.api = api
        self._client_id = ""
        self._received: list[dict[str, Any]] = []

    @property
    def client_id(self) -> str:
        """The id of the CometD session, empty before `listen`."""
        return self._client_id

    def forget_password(self) -> None:
        """Continue with the cookie alone."""
        self.http.auth = httpx.Auth()

    async def get(self, path: str) -> Answer:
        return Answer(await self.http.get(f"{self.api}{path}"))

    async def post(self, path: str, operation: str, **parameters: Any) -> Answer:
        return Answer(
            await self.http.post(f"{self.api}{path}", json={"operationName": operation, **parameters})
        )

    async def post_raw(self, path: str, body: bytes, content_type: str | None = "application/json") -> Answer:
        headers = {} if content_type is None else {"content-type": content_type}
        return Answer(await self.http.post(f"{self.api}{path}", content=body, headers=headers))

    async def listen(self, *subscriptions: str) -> None:
        """Open a CometD session; the first connect is answered at once.

        Without a word it is about calls and devices. The channels of a user say nothing that devices do not.
        """
        (reply,) = await self.bayeux(
            "/meta/handshake", version="1.0", supportedConnectionTypes=["long-polling"]
        )
        self._client_id = reply["clientId"]
        (reply,) = await self.bayeux(
            "/meta/subscribe", subscription=subscriptions or ("/v2/me/calls", "/v2/me/devices")
        )
        assert reply["successful"], reply
        assert await self.notifications() == []

    async def bayeux(self, channel: str, **fields: Any) -> list[dict[str, Any]]:
        message = {"channel": channel, **fields}
        if self._client_id:
            message["clientId"] = self._client_id
        response = await self.http.post(f"{self.api}/notifications", json=[message])
        assert response.status_code == 200, response.text
        replies: list[dict[str, Any]] = response.json()
        return replies

    async def post_poll(self) -> httpx.Response:
        """Poll, as long as the server holds it; gives the bare answer."""
        message = {"channel": "/meta/connect", "connectionType": "long-polling", "clientId": self._client_id}
        return await self.http.post(f"{self.api}/notifications", json=[message])

    async def notifications(self) -> list[dict[str, Any]]:
        """Take what has come, without waiting."""
        await self.poll()
        received, self._received = self._received, []
        return received

    async def next_notification(self) -> dict[str, Any]:
        """Take the next message, and hold a poll until it comes."""
        while not self._received:
            await self._connect()
        return self._received.pop(0)

    async def poll(self) -> None:
        """Poll, without waiting, and keep what has come."""
        if self._client_id:
            await self._connect(advice={"timeout": 0})

    async def _connect(self, **fields: Any) -> None:
        replies = await self.bayeux("/meta/connect", connectionType="long-polling", **fields)
        assert replies[-1]["successful"], replies
        self._received += replies[:-1]

    async def notification(self) -> dict[str, Any]:
        """Take the data of the one message that has come."""
        (message,) = await self.notifications()
        data: dict[str, Any] = message["data"]
        return data
