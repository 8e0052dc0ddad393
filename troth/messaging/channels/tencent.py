"""Tencent Cloud's signature, version 3 (TC3-HMAC-SHA256), as its documentation *Signature v3* says."""

import hashlib
import hmac
from datetime import UTC, datetime

ALGORITHM = "TC3-HMAC-SHA256"
CONTENT_TYPE = "application/json; charset=utf-8"
NAMES = "content-type;host;x-tc-action"


def signed_headers(
    *,
    host: str,
    service: str,
    action: str,
    version: str,
    region: str,
    body: bytes,
    key_id: str,
    secret: str,
    now: datetime,
) -> dict[str, str]:
    """Return the headers of a POST of a JSON body."""
    moment = now.astimezone(UTC)
    authorization = authorize(host, service, action, body, key_id, secret, moment)
    return {
        "Authorization": authorization,
        "Content-Type": CONTENT_TYPE,
        "Host": host,
        "X-TC-Action": action,
        "X-TC-Region": region,
        "X-TC-Timestamp": str(int(moment.timestamp())),
        "X-TC-Version": version,
    }


def authorize(host: str, service: str, action: str, body: bytes, key_id: str, secret: str, moment: datetime) -> str:
    """Return the header `Authorization`."""
    day = moment.strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    signing = "\n".join([ALGORITHM, str(int(moment.timestamp())), scope, hashed_request(host, action, body)])
    key = _mac(_mac(_mac(f"TC3{secret}".encode(), day), service), "tc3_request")
    signature = hmac.new(key, signing.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={NAMES}, Signature={signature}"


def hashed_request(host: str, action: str, body: bytes) -> str:
    """Return the hash of the canonical request."""
    lines = f"content-type:{CONTENT_TYPE}\nhost:{host}\nx-tc-action:{action.lower()}\n"
    canonical = "\n".join(["POST", "/", "", lines, NAMES, hashlib.sha256(body).hexdigest()])
    return hashlib.sha256(canonical.encode()).hexdigest()


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
