# 用法：python3 verify_callback.py 密钥 webhook-id webhook-timestamp webhook-signature 请求体文件 当前时间（Unix 秒）
import base64, hashlib, hmac, sys


def verify_callback(secret, id, timestamp, signatures, body, now):
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    return any(hmac.compare_digest(expected, one.encode()) for one in signatures.split(" "))


secret, id, timestamp, signatures, body_file, now = sys.argv[1:]
# 请求体必须是收到的原始字节，解析为 JSON 之前核验
sys.exit(0 if verify_callback(secret, id, timestamp, signatures, open(body_file, "rb").read(), int(now)) else 1)
