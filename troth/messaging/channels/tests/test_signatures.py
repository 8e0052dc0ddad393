"""Signatures held against what the providers publish themselves."""

from datetime import UTC, datetime

from troth.messaging.channels import aliyun, tencent, webhook


def test_aliyuns_own_example():
    """From *V3 request syntax and signature method*, the fixed example of RunInstances."""
    headers = aliyun.signed_headers(
        host="ecs.cn-shanghai.aliyuncs.com",
        action="RunInstances",
        version="2014-05-26",
        query={"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"},
        key_id="YourAccessKeyId",
        secret="YourAccessKeySecret",
        nonce="3156853299f313e23d1673dc12e1703d",
        now=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
    )
    assert headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_aliyun_encodes_by_rfc_3986():
    assert aliyun.canonical_query({"b": "a b*~", "A": "签名+/"}) == "A=%E7%AD%BE%E5%90%8D%2B%2F&b=a%20b%2A~"


def test_tencents_own_example_is_made_canonical_as_published():
    """From *Signature v3*: the documentation masks the key, but publishes the hash of the canonical request."""
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    hashed = tencent.hashed_request("cvm.tencentcloudapi.com", "DescribeInstances", body)
    assert hashed == "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84"


def test_tencents_own_example_is_signed_as_published():
    """From the same page, whose secret is 32 asterisks in earnest: its derived keys and its signature say so."""
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    headers = tencent.signed_headers(
        host="cvm.tencentcloudapi.com",
        service="cvm",
        action="DescribeInstances",
        version="2017-03-12",
        region="ap-guangzhou",
        body=body,
        key_id="AKID" + "*" * 32,
        secret="*" * 32,
        now=datetime(2019, 2, 25, 16, 44, 25, tzinfo=UTC),
    )
    assert headers["X-TC-Timestamp"] == "1551113065"
    assert headers["Authorization"] == (
        f"TC3-HMAC-SHA256 Credential=AKID{'*' * 32}/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host;x-tc-action, "
        "Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
    )


def test_standard_webhooks_own_example():
    """From the specification's reference libraries."""
    signature = webhook.signature(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
