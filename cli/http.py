"""The gateway as the command line sees it: standard library only, waits when told to, never shows a value by itself."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

PATIENCE = 30.0


class Refusal(Exception):
    """The gateway said no: status, code and title of the problem."""

    def __init__(self, status: int, problem: dict[str, Any], headers: Any = None) -> None:
        super().__init__(problem.get("code", str(status)))
        self.status, self.problem, self.headers = status, problem, headers
        self.code, self.title = problem.get("code", ""), problem.get("title", "")


class Answer(dict[str, Any]):
    """A JSON answer with its status and headers."""

    status: int
    headers: Any


class Gateway:
    """Calls one gateway as one person."""

    def __init__(self, url: str, token: str | None = None, language: str = "en") -> None:
        self.url, self.token, self.language = url.rstrip("/"), token, language

    def as_(self, token: str) -> Gateway:
        """The same gateway as somebody else."""
        return Gateway(self.url, token, self.language)

    def sign_in(self, account: str, password: str) -> str:
        """A token for an account."""
        return str(self.post("/v1/sessions", {"account": account, "password": password})["token"])

    def get(self, path: str) -> Answer:
        """GET, as JSON."""
        return self.call("GET", path)

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Answer:
        """POST JSON."""
        return self.call("POST", path, body or {}, headers)

    def patch(self, path: str, body: dict[str, Any], **headers: str) -> Answer:
        """PATCH JSON."""
        return self.call("PATCH", path, body, headers)

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """One call; a write that is told to wait is repeated under the same Idempotency-Key."""
        sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if method != "GET":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self._once(method, path, body, sent)
            except Refusal as refusal:
                if refusal.status not in (429, 503) or time.monotonic() > until:
                    raise
                time.sleep(float(refusal.headers.get("Retry-After") or 1))

    def raw(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> tuple[int, Any, bytes]:
        """One call as it is: status, headers, body."""
        request = urllib.request.Request(self.url + path, data, self._headers() | headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, refused.read()

    def upload(self, path: str, form: dict[str, str], name: str, content: bytes) -> Answer:
        """POST a file with its form fields."""
        boundary = uuid.uuid4().hex
        lines = [_part(boundary, f'name="{key}"', value.encode()) for key, value in form.items()]
        lines.append(_part(boundary, f'name="file"; filename="{name}"', content))
        data = b"".join(lines) + f"--{boundary}--\r\n".encode()
        sent = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": str(uuid.uuid4())}
        return self._answer(*self.raw("POST", path, data, sent))

    def _once(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if data is not None else {}
        return self._answer(*self.raw(method, path, data, kind | headers))

    def _answer(self, status: int, headers: Any, body: bytes) -> Answer:
        is_json = "json" in (headers.get("Content-Type") or "")
        content = json.loads(body) if body and is_json else {"text": body.decode(errors="replace")}
        if status >= 400:
            raise Refusal(status, content, headers)
        answer = Answer(content)
        answer.status, answer.headers = status, headers
        return answer

    def _headers(self) -> dict[str, str]:
        known = {"Accept-Language": self.language}
        return known | ({"Authorization": f"Bearer {self.token}"} if self.token else {})


def _part(boundary: str, disposition: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode()
    return head + content + b"\r\n"
