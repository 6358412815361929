"""`muniment audit`: check evidence, offline or fetched from a running suite."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import click


@click.group()
def audit() -> None:
    """Check evidence of what happened. 核验审计证据。"""


@audit.command()
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--live", metavar="URL", help="Fetch the evidence from this gateway first (token in MUNIMENT_TOKEN).")
@click.option("--key", metavar="LINE", help="The log's public key, got from elsewhere.")
@click.option("--seen", multiple=True, type=click.Path(exists=True, path_type=Path), help="A checkpoint you kept.")
def verify(file: Path | None, live: str | None, key: str | None, seen: tuple[Path, ...]) -> None:
    """Check an evidence bundle or a certificate of destruction. 核验证据包或销毁证书。

    Exits 0 sound, 1 not sound, 2 unreadable, and names the first bad entry. 退出码：0 完好，1 不符，2 无法读取。
    """
    if (file is None) == (live is None):
        raise click.UsageError("name a file, or --live URL")
    if file is not None and file.suffix == ".json":
        sys.exit(_check_certificate(file, key))
    if file is not None:
        sys.exit(_check(file, key, seen))
    sys.exit(_check_live(str(live), key, seen))


def _check_certificate(file: Path, key: str | None) -> int:
    """A certificate of destruction, with the public key got from elsewhere or the one it carries."""
    import json

    from services.retention.disposal.certificate import verify_certificate

    found = json.loads(file.read_bytes())
    public = key or found.get("signature", {}).get("public_key", "")
    if public and not re.fullmatch("[0-9a-f]{64}", public):
        raise click.UsageError("the public key of certificates is 64 hexadecimal digits")
    faults = verify_certificate(found, bytes.fromhex(public)) if public else ["no public key: give it with --key"]
    for fault in faults:
        click.echo(f"NOT SOUND: {fault}")
    if not faults:
        click.echo(f"SOUND: certificate {found['certificate']}, {found['counts']['destroyed']} destroyed")
        click.echo("" if key else "Checked with the key it carries: compare it with one got from elsewhere.")
    return 1 if faults else 0


def _check(file: Path, key: str | None, seen: tuple[Path, ...]) -> int:
    from services.audit.ledger import verify as verifier

    given = [argument for path in seen for argument in ("--seen", str(path))]
    return verifier.main([str(file), *(["--key", key] if key else []), *given])


def _check_live(gateway: str, key: str | None, seen: tuple[Path, ...]) -> int:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = Path(folder) / "evidence.zip"
        base = gateway.rstrip("/")
        asked = _ask(f"{base}/v1/audit/bundles", b"{}")
        with _opened(f"{base}/v1/audit/bundles/{asked['bundle']}") as answer, file.open("wb") as target:
            while block := answer.read(256 * 1024):
                target.write(block)
        return _check(file, key, seen)


def _ask(url: str, body: bytes) -> Any:
    import json

    with _opened(url, body) as answer:
        return json.load(answer)


def _opened(url: str, body: bytes | None = None) -> Any:
    from urllib.error import URLError
    from urllib.request import Request, urlopen

    token = os.environ.get("MUNIMENT_TOKEN")
    if not token:
        raise click.UsageError("put a supervisor's token into MUNIMENT_TOKEN")
    if not url.startswith(("http://", "https://")):
        raise click.UsageError("--live takes an http or https address")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        return urlopen(Request(url, body, headers), timeout=60)  # noqa: S310  # only http and https come here
    except URLError as error:
        said = getattr(error, "code", type(error.reason).__name__)
        raise click.ClickException(f"{url} did not answer: {said}") from None
