# 用法：python3 sign.py 算法 私钥文件 METHOD PATH?QUERY 时间戳 随机串 系统代码 业务流水号 请求体文件
import base64, hashlib, hmac, sys


def sign_request(sign_type, key, head, body):
    text = ("\n".join([*head, hashlib.sha256(body).hexdigest()]) + "\n").encode()
    if sign_type == "HMAC-SHA256":
        return base64.b64encode(hmac.new(base64.b64decode(key), text, hashlib.sha256).digest()).decode()
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding
    private = serialization.load_pem_private_key(key, password=None)
    signature = private.sign(text) if sign_type == "ED25519" else private.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signature).decode()


sign_type, key_file, *head, body_file = sys.argv[1:]
# head：METHOD、PATH?QUERY、时间戳、随机串、系统代码、业务流水号
print(sign_request(sign_type, open(key_file, "rb").read(), head, open(body_file, "rb").read()), end="")
