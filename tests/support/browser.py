"""Pages in headless Chromium, driven by its debugging protocol over a pair of pipes."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
AVAILABLE = PROGRAM is not None and sys.platform != "win32"

_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe",
)  # fmt: skip
_LARGEST_READ = 1 << 20
_PATIENCE = 60


class Browser:
    """One page of Chromium.

    Attributes
    ----------
    problems : list of str
        Messages of the console, exceptions, and violations of the content security policy.
    requests : list of str
        Addresses that were requested, but for data within the page.
    """

    def __init__(self, writing: int, reading: int) -> None:
        self.problems: list[str] = []
        self.requests: list[str] = []
        self._writing, self._reading = writing, reading
        self._last = 0
        self._rest = b""
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the result of a command, after the events before it."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._last:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self._note(answer)

    def open(self, path: Path, fragment: str = "", *, width: int = 1280, scripts: bool = True) -> None:
        """Open a page and wait until it is loaded."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=path.as_uri() + fragment)
        while self.run("`${document.readyState} ${location.protocol}`") != "complete file:":
            pass  # each turn waits for an answer of the browser

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page; promises are awaited."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def move(self, x: float, y: float, *, click: bool = False) -> None:
        """Move the pointer to a place of the window, and perhaps click."""
        kinds = ("mouseMoved", "mousePressed", "mouseReleased") if click else ("mouseMoved",)
        for kind in kinds:
            button = "none" if kind == "mouseMoved" else "left"
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=int(click))

    def press(self, key: str) -> None:
        """Press a key, such as ``Enter``, where the focus is."""
        text = {"text": "\r"} if key == "Enter" else {}
        code = {"Enter": 13, "ArrowRight": 39, "ArrowDown": 40, "Escape": 27}[key]
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode=code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._reading], [], [], _PATIENCE)
            assert ready, f"Chromium did not answer within {_PATIENCE} s"
            received = os.read(self._reading, _LARGEST_READ)
            assert received, "Chromium ended"
            self._rest += received
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def _note(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        match event.get("method"):
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded":
                self.problems.append(json.dumps(parameters)[:500])
            case "Network.requestWillBeSent":
                address = parameters["request"]["url"]
                if not address.startswith(("data:", "about:")):
                    self.requests.append(address)


@contextmanager
def open_browser(folder: Path) -> Iterator[Browser]:
    """Yield a browser with its profile in a folder."""
    assert PROGRAM is not None
    to_read, writing = os.pipe()
    reading, to_write = os.pipe()
    # the protocol reads from descriptor 3 and writes to 4, which a shell sets: descriptors of pipes may be any
    command = f'exec "$0" "$@" 3<&{to_read} 4>&{to_write}'
    process = subprocess.Popen(
        ["bash", "-c", command, PROGRAM, *_OPTIONS, f"--user-data-dir={folder}"],
        pass_fds=(to_read, to_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_read)
    os.close(to_write)
    try:
        browser = Browser(writing, reading)
        yield browser
        os.write(writing, json.dumps({"id": 0, "method": "Browser.close"}).encode() + b"\0")
        process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()
        os.close(writing)
        os.close(reading)
